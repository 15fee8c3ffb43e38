import { type Finding, pathText, specError } from './diagnostics.js';
import { type Entry, isIndex, type MappingTree, type Tree, toPlain, useOf } from './located-tree.js';
import { isSlot } from './slots.js';
import type { Source, Span } from './source.js';
import { parseYaml } from './yaml.js';

/** One step of a path and where it is written. */
export interface Step {
  readonly name: string;
  readonly span: Span;
}

type Path = readonly string[];

/**
 * The spec with `path=value` arguments applied in order: a dotted path of keys and list indexes, and a value that
 * is read as YAML (`client.batchSize=all`, `controls=[iid]`). What an argument adds carries its place, so that a key
 * unknown to the schema is later reported inside the argument.
 * Another plugin (`strategy.use=fedprox`) drops the options that the file gave to the old one; options from other
 * arguments stay.
 * Throws FEDX_OVERRIDE_INVALID with a diagnostic for each argument that cannot be read or applied.
 */
export function applyOverrides(
  tree: MappingTree,
  overrides: readonly string[],
): { readonly tree: MappingTree; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const refused: Finding[] = [];
  let result = tree;
  overrides.forEach((argument, index) => {
    const source: Source = { name: argument, text: argument, order: index + 1 };
    const equals = argument.indexOf('=');
    const steps = splitPath(source, equals);
    if (steps.length === 0) {
      refused.push(notAnOverride(source));
      return;
    }
    const path = steps.map(({ name }) => name);
    const value = parseYaml({ source, from: equals + 1, path, code: 'FEDX_OVERRIDE_INVALID' });
    findings.push(...value.findings);
    result = setAt(result, steps, value.tree, (finding) => refused.push(finding));
  });
  if (refused.length > 0) throw specError('FEDX_OVERRIDE_INVALID', refused);
  return { tree: result, findings };
}

/** `tree` with `value` at `steps`, as an argument sets it; `refuse` hears why that cannot be, and nothing changes then. */
export function setAt(tree: MappingTree, steps: readonly Step[], value: Tree, refuse: Refuse): MappingTree {
  const changed = setIn(tree, steps, value, [], refuse);
  return changed.kind === 'mapping' ? changed : tree;
}

/** What arguments set, by path, as reports keep it; the sweep is not among it, as each point says what it is. */
export function argumentOverrides(overrides: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    overrides.flatMap((argument, index) => {
      const source: Source = { name: argument, text: argument, order: index + 1 };
      const equals = argument.indexOf('=');
      const path = splitPath(source, equals).map(({ name }) => name);
      if (path.length === 0 || path[0] === 'sweep') return [];
      const { tree } = parseYaml({ source, from: equals + 1, path, code: 'FEDX_OVERRIDE_INVALID' });
      return [[path.join('.'), toPlain(tree)] as const];
    }),
  );
}

/** The steps before the `=`; none where the argument has no path. */
function splitPath(source: Source, equals: number): readonly Step[] {
  const names = source.text.slice(0, Math.max(0, equals)).split('.');
  if (names.includes('')) return [];
  let from = 0;
  return names.map((name) => {
    const span = { source, from, to: from + name.length };
    from = span.to + 1;
    return { name, span };
  });
}

function notAnOverride(source: Source): Finding {
  return {
    at: { source, from: 0, to: source.text.length },
    path: '',
    message: `${JSON.stringify(source.text)} is not a path=value argument.`,
    hint: 'Write path=value, e.g. strategy.mu=0.1 or controls=[iid].',
  };
}

type Refuse = (finding: Finding) => void;

/** `tree` with `value` at `steps`; `done` is the path that led to `tree`. */
function setIn(tree: Tree, steps: readonly Step[], value: Tree, done: Path, refuse: Refuse): Tree {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const target = asCollection(tree, done, step.span);
  if (target.kind === 'scalar') {
    refuse({
      at: step.span,
      path: pathText(done),
      message: `${pathText(done)} is ${JSON.stringify(target.value)}, it holds no ${JSON.stringify(step.name)}.`,
    });
    return tree;
  }
  const path = [...done, step.name];
  if (target.kind === 'list') {
    const index = Number(step.name);
    const item = isIndex(step.name) ? target.items[index] : undefined;
    if (item === undefined) {
      refuse({ at: step.span, path: pathText(done), message: noSuchEntry(done, step.name, target.items.length) });
      return tree;
    }
    return { ...target, items: target.items.with(index, setIn(item, rest, value, path, refuse)) };
  }
  const before = target.entries.get(step.name);
  const after = setIn(before?.value ?? emptyMapping(step.span), rest, value, path, refuse);
  const kept = rest.length === 0 ? keptOptions(target, step.name, after, done) : target.entries;
  const key = rest.length > 0 && before !== undefined ? before.key : step.span;
  return { ...target, entries: new Map([...kept, [step.name, { key, value: after }]]) };
}

/** A missing collection is begun, and a control that is only named (`iid`) becomes an overlay that can hold more. */
function asCollection(tree: Tree, path: Path, span: Span): Tree {
  if (tree.kind !== 'scalar') return tree;
  if (tree.value === null) return emptyMapping(span);
  if (path.length !== 2 || path[0] !== 'controls') return tree;
  return { kind: 'mapping', entries: new Map([['use', { key: tree.span, value: tree }]]), span: tree.span };
}

function emptyMapping(span: Span): MappingTree {
  return { kind: 'mapping', entries: new Map(), span };
}

/** What stays of a mapping when `name` is set to `value`: a new plugin has no use for the options of the old one. */
function keptOptions(target: MappingTree, name: string, value: Tree, path: Path): Iterable<[string, Entry]> {
  const changesPlugin = name === 'use' && isSlot(path) && value.kind === 'scalar' && value.value !== useOf(target);
  return changesPlugin ? [...target.entries].filter(([, { key }]) => key.source.order > 0) : target.entries;
}

function noSuchEntry(path: Path, name: string, length: number): string {
  const list = `${pathText(path)} is a list`;
  if (length === 0) return `${list} without entries, so there is no entry ${JSON.stringify(name)}.`;
  return `${list} with the entries 0 to ${length - 1}, there is no entry ${JSON.stringify(name)}.`;
}
