import { createRandom } from '../../random/index.js';
import { type Finding, pathText, shorten } from '../document/diagnostics.js';
import { rivalPath } from '../document/local-work.js';
import { find, type MappingTree, type Tree, toPlain } from '../document/located-tree.js';
import type { Span } from '../document/source.js';
import { maxPoints } from '../schema/sweep-schema.js';
import { checkDistribution, type Distribution, draw } from './sweep-random.js';

/** A value that a sweep gives to a path, and where the sweep says so. */
export interface Assignment {
  /** As an override writes it, e.g. `client.optimizer.learningRate`. */
  readonly path: string;
  readonly key: Span;
  readonly value: Tree;
}

/**
 * Alternatives of which each point takes one: of a list one value, of `zip` and `random` one value for every path, of
 * `cases` one point of one of its sweeps.
 */
export type Axis = readonly (readonly Assignment[])[];

/** The `sweep` of a spec as the structure check leaves it; the other keys are paths with lists of values. */
interface SweepData {
  readonly random?: {
    readonly samples: number;
    readonly seed: number;
    readonly space: Readonly<Record<string, Distribution>>;
  };
  readonly cases?: readonly SweepData[];
}

/** Where something stands in the spec. */
type Place = readonly string[];

/** Keys that are read before there are points. */
const notSwept: ReadonlySet<string> = new Set(['apiVersion', 'cases', 'plugins', 'sweep']);

/**
 * The axes of a sweep in the order of writing, and what is wrong with them beyond their structure: paths that cannot be
 * swept or are swept twice, values that a list, or rows that `zip`, has twice, lists of `zip` that differ in length, empty
 * ranges, more than {@link maxPoints} points.
 */
export function readAxes(
  sweep: MappingTree,
  data: unknown,
): { readonly axes: readonly Axis[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const axes = axesOf(sweep, data as SweepData, ['sweep'], new Set());
  checkCount(axes);
  return { axes, findings };

  /** The axes of a sweep or of one of its cases; `seen` are the paths that stand beside, and takes in its own. */
  function axesOf(tree: MappingTree, { random, cases }: SweepData, place: Place, seen: Set<string>): readonly Axis[] {
    return [...tree.entries].map(([name, { key, value }]): Axis => {
      const here = [...place, name];
      if (name === 'zip' && value.kind === 'mapping') return zipAxis(value, here, seen);
      if (name === 'random' && value.kind === 'mapping') return randomAxis(value, random, here, seen);
      if (name === 'cases' && cases !== undefined) return casesAxis(value, cases, here, seen);
      checkPath(name, key, here, seen);
      const axis = listOf(value).map((item) => [{ path: name, key, value: item }]);
      checkRepeated(axis, here);
      return axis;
    });
  }

  function casesAxis(tree: Tree, cases: readonly SweepData[], place: Place, seen: Set<string>): Axis {
    const beside = [...seen];
    return listOf(tree).flatMap((each, index) => {
      if (each.kind !== 'mapping') return [];
      const own = new Set(beside);
      const { cases: _, ...data } = cases[index] ?? {};
      const within = axesOf(each, data, [...place, String(index)], own);
      for (const path of own) seen.add(path);
      return checkCount(within) ? [...combinations(within)] : [];
    });
  }

  function zipAxis(zip: MappingTree, place: Place, seen: Set<string>): Axis {
    const lists = [...zip.entries].map(([path, { key, value }]) => ({ path, key, values: listOf(value), value }));
    const length = lists[0]?.values.length ?? 0;
    for (const { path, key, values, value } of lists) {
      checkPath(path, key, [...place, path], seen);
      if (values.length === length) continue;
      findings.push({
        at: value.span,
        path: pathText([...place, path]),
        message: `The lists of zip go in step, but ${lists[0]?.path ?? ''} has ${length} values and ${path} has ${values.length}.`,
        hint: 'Give them one length; lists beside zip are combined freely.',
      });
    }
    const axis = Array.from({ length }, (_, index) =>
      lists.flatMap(({ path, key, values }) => {
        const value = values[index];
        return value === undefined ? [] : [{ path, key, value }];
      }),
    );
    if (lists.every(({ values }) => values.length === length)) checkRepeated(axis, place);
    return axis;
  }

  function randomAxis(tree: MappingTree, random: SweepData['random'], at: Place, seen: Set<string>): Axis {
    const space = find(tree, ['space'])?.tree;
    if (random === undefined || space?.kind !== 'mapping') return [];
    const stream = createRandom(random.seed).at('sweep');
    const paths = [...space.entries].flatMap(([path, { key, value }]) => {
      const distribution = random.space[path];
      if (distribution === undefined || value.kind !== 'mapping') return [];
      const place = [...at, 'space', path];
      checkPath(path, key, place, seen);
      findings.push(...checkDistribution(distribution, value, place));
      return [{ path, key, value, distribution }];
    });
    return Array.from({ length: random.samples }, (_, sample) =>
      paths.map(({ path, key, value, distribution }) => ({
        path,
        key,
        value: draw(distribution, value, stream.at(path, sample)),
      })),
    );
  }

  function checkPath(path: string, key: Span, place: Place, seen: Set<string>): void {
    const report = (message: string, hint: string): void => {
      findings.push({ at: key, path: pathText(place), message, hint });
    };
    const [first = ''] = path.split('.');
    if (path.split('.').includes('')) report(`${JSON.stringify(path)} is no path.`, 'Join keys by dots: strategy.mu.');
    else if (notSwept.has(first)) report(`${first} cannot be swept.`, 'It is read before there are points.');
    else if (seen.has(path)) report(`${path} is swept twice.`, 'Keep one of its lists.');
    else {
      const rival = rivalPath(path);
      if (rival !== undefined && seen.has(rival))
        report(
          `${path} and ${rival} are swept together, but each alone says how much a client does in a round.`,
          `Sweep one of them, or one after the other: cases: [{ ${rival}: […] }, { ${path}: […] }].`,
        );
    }
    seen.add(path);
  }

  /** The same values once more are the same run once more. */
  function checkRepeated(axis: Axis, place: Place): void {
    const seen = new Set<string>();
    for (const assignments of axis) {
      const values = assignments.map(({ path, value }) => `${path}=${JSON.stringify(toPlain(value))}`);
      const point = values.join(' ');
      const at = assignments[0]?.value.span;
      if (at !== undefined && seen.has(point))
        findings.push({
          at,
          path: pathText(place),
          message: `${shorten(point, 100)} is swept twice, which would be the same run twice.`,
          hint: 'Keep one of them.',
        });
      seen.add(point);
    }
  }

  function checkCount(product: readonly Axis[]): boolean {
    const count = product.reduce((points, axis) => points * axis.length, 1);
    if (count <= maxPoints) return true;
    findings.push({
      at: sweep.span,
      path: 'sweep',
      message: `This sweep has ${count} points; ${maxPoints} is the most.`,
      hint: 'Use shorter lists, or random with that many samples.',
    });
    return false;
  }
}

/** One alternative of each axis, in every combination; the last axis moves fastest. */
export function* combinations(axes: readonly Axis[]): Generator<readonly Assignment[]> {
  const [first, ...rest] = axes;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const alternative of first) for (const others of combinations(rest)) yield [...alternative, ...others];
}

function listOf(tree: Tree): readonly Tree[] {
  return tree.kind === 'list' ? tree.items : [];
}
