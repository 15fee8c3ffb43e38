import type { Catalogue } from '../../plugins/index.js';
import { type Finding, specError } from '../document/diagnostics.js';
import { rivalPath } from '../document/local-work.js';
import { find, type MappingTree, toPlain } from '../document/located-tree.js';
import { type Step, setAt } from '../document/overrides.js';
import type { ExperimentSpec } from '../experiment-spec.js';
import { type ParsedSpec, resolveSpec, resolveTree } from '../resolve.js';
import { loadValidator } from '../schema/validate.js';
import { type Assignment, type Axis, combinations, readAxes } from './sweep-axes.js';

/** One point of a sweep: a spec of its own. A spec without a sweep has a single point that changes nothing. */
export interface SpecPoint {
  /** What the sweep sets here, by path, as plain data. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly spec: ExperimentSpec;
}

/** So many different findings are looked for; more are never shown. */
const maxFindings = 100;

/**
 * The points of a spec's sweep, each resolved as if its values had been given as arguments; the axis that is written
 * last moves fastest. Throws FEDX_SPEC_INVALID with the findings of all points, each once and placed in the sweep where
 * it is the sweep's.
 */
export async function resolveSweep(parsed: ParsedSpec, catalogue: Catalogue): Promise<readonly SpecPoint[]> {
  const sweep = find(parsed.tree, ['sweep'])?.tree;
  if (sweep === undefined || (sweep.kind === 'mapping' && sweep.entries.size === 0)) {
    return [{ overrides: {}, spec: await resolveSpec(parsed, catalogue) }];
  }
  const structural = parsed.findings.filter(({ path }) => path === 'sweep' || path.startsWith('sweep.'));
  if (sweep.kind !== 'mapping' || structural.length > 0) throw specError('FEDX_SPEC_INVALID', parsed.findings);

  const { axes, findings } = readAxes(sweep, (parsed.data as { readonly sweep: unknown }).sweep);
  const overridden = alsoGivenAsArguments(parsed.tree, axes);
  if (findings.length + overridden.length > 0) throw specError('FEDX_SPEC_INVALID', [...findings, ...overridden]);

  const base = withoutSweep(parsed.tree);
  const validator = await loadValidator();
  const points: SpecPoint[] = [];
  const report = collectFindings(sweep);
  for (const assignments of combinations(axes)) {
    const { tree, refused } = applyPoint(base, assignments);
    const overrides = Object.fromEntries(assignments.map(({ path, value }) => [path, toPlain(value)]));
    const resolved = resolveTree(
      { tree, written: [...parsed.written, ...refused], movePath: parsed.movePath },
      catalogue,
      validator,
    );
    report.add(resolved.findings, overrides);
    if (resolved.spec !== undefined) points.push({ overrides, spec: resolved.spec });
    if (report.isFull()) break;
  }
  const found = report.all();
  if (found.length > 0) throw specError('FEDX_SPEC_INVALID', found);
  return points;
}

/** A point's overrides on one line, e.g. `strategy.mu=0.01 seed=2`. */
export function overridesText(overrides: Readonly<Record<string, unknown>>): string {
  return Object.entries(overrides)
    .map(([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/**
 * The spec at a point. What chooses more is set first: a mapping before a key in it, a plugin before its options; so the
 * order in which a sweep is written changes nothing but the order of its points.
 */
function applyPoint(
  base: MappingTree,
  assignments: readonly Assignment[],
): { readonly tree: MappingTree; readonly refused: readonly Finding[] } {
  const refused: Finding[] = [];
  const changes = assignments
    .map(({ path, key, value }) => ({ steps: stepsOf(path, key), isUse: /(^|\.)use$/.test(path), value }))
    .sort((a, b) => a.steps.length - b.steps.length || Number(b.isUse) - Number(a.isUse));
  const tree = changes.reduce(
    (result, { steps, value }) => setAt(result, steps, value, (finding) => refused.push(finding)),
    base,
  );
  return { tree, refused };
}

/** The steps of a path, each where it is written if the key is written plainly. */
function stepsOf(path: string, key: Assignment['key']): readonly Step[] {
  const isPlain = key.source.text.slice(key.from, key.to) === path;
  let { from } = key;
  return path.split('.').map((name) => {
    const span = isPlain ? { source: key.source, from, to: from + name.length } : key;
    from += name.length + 1;
    return { name, span };
  });
}

/** The spec that points start from. */
function withoutSweep(tree: MappingTree): MappingTree {
  return { ...tree, entries: new Map([...tree.entries].filter(([name]) => name !== 'sweep')) };
}

/** Arguments for a path that every point sets anew, or whose place it takes: they would do nothing. */
function alsoGivenAsArguments(tree: MappingTree, axes: readonly Axis[]): readonly Finding[] {
  const swept = new Set(axes.flatMap((axis) => axis.flatMap((assignments) => assignments.map(({ path }) => path))));
  return [...swept].flatMap((path) =>
    [path, rivalPath(path)].flatMap((given) => {
      const at = given === undefined ? undefined : find(tree, given.split('.'))?.tree.span;
      if (given === undefined || !at?.source.name.startsWith(`${given}=`)) return [];
      const message = `${path} is swept, so that this value would never be used.`;
      return [{ at, path: given, message, hint: `Give the sweep that you mean, e.g. 'sweep={}' for none.` }];
    }),
  );
}

/** Findings of many points, each once. What is not written in the sweep, but is wrong at some points only, names the first. */
function collectFindings(sweep: MappingTree) {
  const found = new Map<string, { readonly finding: Finding; readonly where: string; count: number }>();
  let points = 0;
  const isInSweep = ({ at: { source, from, to } }: Finding): boolean =>
    source === sweep.span.source && from >= sweep.span.from && to <= sweep.span.to;
  return {
    add(findings: readonly Finding[], overrides: Readonly<Record<string, unknown>>): void {
      points++;
      for (const finding of findings) {
        const { at, path, message } = finding;
        const key = JSON.stringify([at.source.order, at.from, at.to, path, message]);
        const known = found.get(key);
        if (known === undefined) found.set(key, { finding, where: overridesText(overrides), count: 1 });
        else known.count++;
      }
    },
    isFull: (): boolean => found.size >= maxFindings,
    all: (): readonly Finding[] =>
      [...found.values()].map(({ finding, where, count }) =>
        count === points || isInSweep(finding)
          ? finding
          : { ...finding, message: `${finding.message} This is so where ${where}.` },
      ),
  };
}
