import { pathText } from './document/diagnostics.js';
import { choosesAnother, find, type Located, type MappingTree, useOf } from './document/located-tree.js';
import { positionOf } from './document/source.js';
import type { ExperimentSpec } from './experiment-spec.js';
import type { ParsedSpec } from './resolve.js';
import { entryOf, isSlot, type SlotPlace, slotPlaces, valueAt } from './slots/slots.js';

/** Where a value of a resolved spec comes from. */
export type Origin = (
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  /** `column` of the value in the `path=value` argument. */
  | { readonly kind: 'argument'; readonly argument: string; readonly column: number }
  /** `of` is whose default: `the spec`, or a plugin, such as `the strategy fedprox`. */
  | { readonly kind: 'default'; readonly of: string }
) & {
  /** The path that it was taken over from: a control trains as the federated clients do where it says nothing else. */
  readonly from?: string;
  /** The environment variables that its text names. */
  readonly variables?: readonly string[];
};

/** A value of a resolved spec, which is no mapping and no list unless it is an empty one. */
export interface ExplainedValue {
  /** As overrides write it, such as `client.optimizer.learningRate`. */
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
}

type Path = readonly string[];

/** Every value of a resolved spec and where it comes from, in the order of the spec. */
export function explainSpec(spec: ExperimentSpec, { tree }: Pick<ParsedSpec, 'tree'>): readonly ExplainedValue[] {
  return leaves(spec, []).map(({ path, value }) => ({
    path: pathText(path),
    value,
    origin: originOf(path, tree, spec),
  }));
}

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

function leaves(value: unknown, path: Path): readonly Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const entries = Object.entries(value);
  if (entries.length === 0) return [{ path, value }];
  return entries.flatMap(([name, item]: [string, unknown]) => leaves(item, [...path, name]));
}

function originOf(path: Path, tree: MappingTree, spec: ExperimentSpec): Origin {
  const [first, index, ...rest] = path;
  if (first === 'controls' && index !== undefined) return originInControl(rest, ['controls', index], tree, spec);
  const written = find(tree, path);
  return written === undefined ? defaultOf(path, spec) : writtenAt(written);
}

/** A control is a name or an overlay: what it leaves out it takes over from the federated run. */
function originInControl(rest: Path, place: Path, tree: MappingTree, spec: ExperimentSpec): Origin {
  const control = find(tree, place);
  if (control?.tree.kind === 'scalar' && (rest[0] === 'use' || rest[0] === 'name')) return writtenAt(control);
  const written = find(tree, [...place, ...rest]);
  if (written !== undefined) return writtenAt(written);
  if (rest[0] === 'name') return originInControl(['use'], place, tree, spec);
  if (rest[0] !== 'client') return defaultOf([...place, ...rest], spec);
  const [client, slot = ''] = rest;
  const overlay = find(tree, [...place, client, slot])?.tree;
  const federated = find(tree, [client, slot])?.tree;
  if (
    isSlot([...place, client, slot]) &&
    overlay?.kind === 'mapping' &&
    federated?.kind === 'mapping' &&
    choosesAnother(federated, overlay)
  )
    return { kind: 'default', of: `the ${slot} ${useOf(overlay) ?? ''}` };
  return { ...originOf(rest, tree, spec), from: pathText(rest) };
}

function writtenAt({ tree }: Located): Origin {
  const { source, from } = tree.span;
  const { line, column } = positionOf(source, from);
  const named = tree.kind === 'scalar' && tree.variables !== undefined && tree.variables.length > 0;
  const variables = named ? { variables: tree.variables } : {};
  return source.kind === 'file'
    ? { kind: 'file', file: source.name, line, column, ...variables }
    : { kind: 'argument', argument: source.name, column, ...variables };
}

/** The slot that a value lies in. */
function placeOf(path: Path): SlotPlace | undefined {
  return entryOf(path) ?? slotPlaces.find((place) => place.path.every((step, at) => path[at] === step));
}

/** A slot's options have their plugin's defaults; which plugin it is, is the spec's own default. */
function defaultOf(path: Path, spec: ExperimentSpec): Origin {
  const slot = placeOf(path);
  if (slot === undefined || path[slot.path.length] === 'use') return { kind: 'default', of: 'the spec' };
  return { kind: 'default', of: `the ${slot.kind} ${String(valueAt(spec, [...slot.path, 'use']))}` };
}
