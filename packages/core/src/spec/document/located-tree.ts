import type { Span } from './source.js';

/**
 * A spec as a tree of values that know where they were written. Trees are immutable, so an alias may stand
 * for the very tree of its anchor.
 */
export type Tree = ScalarTree | ListTree | MappingTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly span: Span;
  /** The environment variables that its text names. */
  readonly variables?: readonly string[];
}

export interface ListTree {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly span: Span;
}

export interface MappingTree {
  readonly kind: 'mapping';
  /** A Map, so that `__proto__` is a key like any other. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

export interface Entry {
  /** Where the key is written. */
  readonly key: Span;
  readonly value: Tree;
}

/** The plain data that a tree stands for; shares nothing with it. */
export function toPlain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(toPlain);
    case 'mapping':
      // fromEntries defines properties and never calls the `__proto__` setter.
      return Object.fromEntries([...tree.entries].map(([name, { value }]) => [name, toPlain(value)]));
  }
}

/** What lies at a path, and the key or list place that leads to it. */
export interface Located {
  readonly tree: Tree;
  readonly key?: Span;
}

/** What lies at `path`; undefined where the tree does not reach so far. */
export function find(tree: Tree, path: readonly string[]): Located | undefined {
  let found: Located = { tree };
  for (const step of path) {
    const next = child(found.tree, step);
    if (next === undefined) return undefined;
    found = next;
  }
  return found;
}

/** What lies at `path`, or at the part of it that was written: a default has the place of what it was left out of. */
export function nearest(tree: Tree, path: readonly string[]): Located {
  let found: Located = { tree };
  for (const step of path) {
    const next = child(found.tree, step);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function child(tree: Tree, step: string): Located | undefined {
  if (tree.kind === 'scalar') return undefined;
  if (tree.kind === 'mapping') {
    const entry = tree.entries.get(step);
    return entry && { tree: entry.value, key: entry.key };
  }
  const item = isIndex(step) ? tree.items[Number(step)] : undefined;
  return item && { tree: item };
}

/** Whether a step of a path is a list index. */
export function isIndex(step: string): boolean {
  return /^(0|[1-9]\d{0,5})$/.test(step);
}

/**
 * `overlay` laid over `base`, key by key. The choice of another plugin (`use`) takes none of the base's options:
 * they belong to the plugin that was chosen there.
 */
export function overlaySlot(base: MappingTree, overlay: MappingTree): MappingTree {
  if (choosesAnother(base, overlay)) return overlay;
  return { ...overlay, entries: new Map([...base.entries, ...overlay.entries]) };
}

/** Whether a slot's `overlay` chooses another plugin than its `base` does. */
export function choosesAnother(base: MappingTree, overlay: MappingTree): boolean {
  const use = useOf(overlay);
  return use !== undefined && use !== useOf(base);
}

/** The plugin that a slot chooses; undefined where it names none. */
export function useOf(slot: MappingTree): string | undefined {
  const use = slot.entries.get('use')?.value;
  return use?.kind === 'scalar' && typeof use.value === 'string' ? use.value : undefined;
}
