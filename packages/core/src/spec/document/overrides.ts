import { isSlot } from '../slots/slots.js';
import { type Finding, pathText, quote, shorten, specError } from './diagnostics.js';
import { maxDepth } from './limits.js';
import { rivalOf } from './local-work.js';
import { type Entry, isIndex, type ListTree, type MappingTree, type Tree, toPlain, useOf } from './located-tree.js';
import { argumentSource, positionOf, type Source, type Span } from './source.js';
import { parseYaml } from './yaml.js';

/** One step of a path and where it is written. */
export interface Step {
  readonly name: string;
  readonly span: Span;
}

/** An argument taken apart. */
interface Override {
  readonly source: Source;
  readonly steps: readonly Step[];
  /** Where its value begins. */
  readonly from: number;
  /** `+path=value`: only where nothing is yet. */
  readonly adds: boolean;
}

type Path = readonly string[];

/**
 * The spec with `path=value` arguments applied in order: a path of keys and list places joined by dots, a key with dots
 * of its own in double quotes, and a value that is read as YAML (`client.batchSize=all`, `controls=[iid]`). What an
 * argument adds carries its place, so that a key unknown to the schema is later reported inside the argument.
 * `+path=value` only adds: a key that is not there yet, or one entry more at the end of a list (`+controls.2=iid`).
 * Another plugin (`strategy.use=fedprox`) drops the options that came with the old one, from files or from the argument
 * that chose it; options from arguments of their own stay. `client.epochs` and `client.steps` take each other's place.
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
    const override = split(argumentSource(argument, index));
    if ('message' in override) {
      refused.push(override);
      return;
    }
    const { source, steps, from } = override;
    const path = steps.map(({ name }) => name);
    const value = parseYaml({ source, from, path, code: 'FEDX_OVERRIDE_INVALID' });
    findings.push(...value.findings);
    result = setAt(result, steps, value.tree, (finding) => refused.push(finding), override.adds);
  });
  if (refused.length > 0) throw specError('FEDX_OVERRIDE_INVALID', refused);
  return { tree: result, findings };
}

/** Keys that are done with before arguments are looked at. */
const readEarlier: ReadonlySet<string> = new Set(['extends', 'directory']);

/** One step, quoted or plain, and what ends it. */
const stepPattern = /("(?:[^"\\]|\\.)*"|[^."=]+)([.=])/y;

/** An argument taken apart, or why it cannot be. */
function split(source: Source): Override | Finding {
  const { text } = source;
  const adds = text.startsWith('+');
  const steps: Step[] = [];
  let from = adds ? 1 : 0;
  for (let end = '.'; end === '.'; ) {
    stepPattern.lastIndex = from;
    const [whole, written = '', delimiter = ''] = stepPattern.exec(text) ?? [];
    const name = written.startsWith('"') ? unquoted(written) : written;
    if (whole === undefined || name === undefined) return notAnOverride(source);
    steps.push({ name, span: { source, from, to: from + written.length } });
    from += whole.length;
    end = delimiter;
  }
  const [first, beyond] = [steps[0], steps[maxDepth]];
  if (beyond !== undefined)
    return { at: beyond.span, path: '', message: `This path has more than ${maxDepth} steps; a spec is not so deep.` };
  if (first !== undefined && readEarlier.has(first.name)) {
    const message = `${first.name} cannot be an argument: it belongs to a file, and is read before arguments are.`;
    return { at: first.span, path: first.name, message, hint: 'Write it into the spec.' };
  }
  return { source, steps, from, adds };
}

function unquoted(written: string): string | undefined {
  try {
    return JSON.parse(written) as string;
  } catch {
    return undefined;
  }
}

/**
 * `tree` with `value` at `steps`, as an argument sets it; `refuse` hears why that cannot be, and nothing changes then.
 * `adds`: only where nothing is yet.
 */
export function setAt(
  tree: MappingTree,
  steps: readonly Step[],
  value: Tree,
  refuse: (finding: Finding) => void,
  adds = false,
): MappingTree {
  const changed = setIn(tree, steps, value, [], {
    adds,
    refuse: (at, path, message, hint) => {
      refuse({ at, path: pathText(path), message, ...(hint !== undefined && { hint }) });
    },
  });
  return changed.kind === 'mapping' ? changed : tree;
}

/** What arguments set, by path, as reports keep it; the sweep is not among it, as each point says what it is. */
export function argumentOverrides(overrides: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    overrides.flatMap((argument, index) => {
      const override = split(argumentSource(argument, index));
      if ('message' in override) return [];
      const { source, steps, from } = override;
      const path = steps.map(({ name }) => name);
      if (path[0] === 'sweep') return [];
      const { tree } = parseYaml({ source, from, path, code: 'FEDX_OVERRIDE_INVALID' });
      return [[path.join('.'), toPlain(tree)] as const];
    }),
  );
}

function notAnOverride(source: Source): Finding {
  return {
    at: { source, from: 0, to: source.text.length },
    path: '',
    message: `${quote(source.text)} is not a path=value argument.`,
    hint: 'Write path=value without spaces around =, e.g. strategy.mu=0.1 or controls=[iid]; +path=value where nothing is there yet.',
  };
}

/** How a value is set. */
interface Manner {
  readonly adds: boolean;
  readonly refuse: (at: Span, path: Path, message: string, hint?: string) => void;
}

/** `tree` with `value` at `steps`; `done` is the path that led to `tree`. */
function setIn(tree: Tree, steps: readonly Step[], value: Tree, done: Path, manner: Manner): Tree {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const target = asCollection(tree, done, step, manner);
  if (target.kind === 'list') return setInList(target, step, rest, value, done, manner);
  if (target.kind === 'mapping') return setInMapping(target, step, rest, value, done, manner);
  const held = typeof target.value === 'string' ? quote(target.value) : String(target.value);
  manner.refuse(step.span, done, `${pathText(done)} is ${held}, it holds no ${quote(step.name)}.`);
  return tree;
}

function setInMapping(
  target: MappingTree,
  step: Step,
  rest: readonly Step[],
  value: Tree,
  done: Path,
  manner: Manner,
): Tree {
  const path = [...done, step.name];
  const before = target.entries.get(step.name);
  if (before !== undefined && rest.length === 0 && manner.adds) {
    manner.refuse(step.span, path, alreadyThere(path, before.key), 'Leave out the + to replace it.');
    return target;
  }
  const after = setIn(before?.value ?? emptyMapping(step.span), rest, value, path, manner);
  const rival = rivalOf(done, step.name);
  const options = rest.length === 0 ? keptOptions(target, step.name, after, done) : target.entries;
  const kept = [...options].filter(([name]) => name !== rival);
  const key = rest.length > 0 && before !== undefined ? before.key : step.span;
  return { ...target, entries: new Map([...kept, [step.name, { key, value: after }]]) };
}

function setInList(target: ListTree, step: Step, rest: readonly Step[], value: Tree, done: Path, manner: Manner): Tree {
  const { items } = target;
  const path = [...done, step.name];
  const index = isIndex(step.name) ? Number(step.name) : undefined;
  const item = index === undefined ? undefined : items[index];
  if (index === items.length && manner.adds)
    return { ...target, items: [...items, setIn(emptyMapping(step.span), rest, value, path, manner)] };
  if (index === undefined || item === undefined) {
    const hint = `To add an entry, write +${pathText([...done, String(items.length)])}=…`;
    manner.refuse(step.span, done, noSuchEntry(done, step.name, items.length), hint);
    return target;
  }
  if (rest.length === 0 && manner.adds) {
    manner.refuse(step.span, path, alreadyThere(path, item.span), 'Leave out the + to replace it.');
    return target;
  }
  return { ...target, items: items.with(index, setIn(item, rest, value, path, manner)) };
}

function alreadyThere(path: Path, { source, from }: Span): string {
  const place = source.kind === 'file' ? `${source.name}:${positionOf(source, from).line}` : shorten(source.name, 100);
  return `${pathText(path)} is already there: ${place}.`;
}

/**
 * A missing collection is begun, a list by the first of its entries (`+transforms.0.use=sign`); and a control that is only
 * named (`iid`) becomes an overlay that can hold more.
 */
function asCollection(tree: Tree, path: Path, { name, span }: Step, { adds }: Manner): Tree {
  if (tree.kind === 'mapping' && tree.entries.size === 0 && adds && name === '0')
    return { kind: 'list', items: [], span };
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
  if (!changesPlugin) return target.entries;
  const chosenBy = target.entries.get('use')?.key.source;
  return [...target.entries].filter(([, { key }]) => key.source.kind === 'argument' && key.source !== chosenBy);
}

function noSuchEntry(path: Path, name: string, length: number): string {
  const list = `${pathText(path)} is a list`;
  if (length === 0) return `${list} without entries, so there is no entry ${quote(name)}.`;
  return `${list} with the entries 0 to ${length - 1}, there is no entry ${quote(name)}.`;
}
