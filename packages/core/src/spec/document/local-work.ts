import { type Finding, pathText } from './diagnostics.js';
import { find, type Tree } from './located-tree.js';

/**
 * The key whose place `name` takes in the mapping at `path`: a client works by epochs or by steps, and what is written over
 * something else decides.
 */
export function rivalOf(path: readonly string[], name: string): string | undefined {
  const isClient = path.at(-1) === 'client' && (path.length === 1 || path[0] === 'controls');
  if (!isClient) return undefined;
  return name === 'epochs' ? 'steps' : name === 'steps' ? 'epochs' : undefined;
}

/** The path whose place a path of a sweep takes, as {@link rivalOf}. */
export function rivalPath(path: string): string | undefined {
  const steps = path.split('.');
  const rival = rivalOf(steps.slice(0, -1), steps.at(-1) ?? '');
  return rival && [...steps.slice(0, -1), rival].join('.');
}

/** What is wrong where one document gives the clients, or those of a control, both epochs and steps. */
export function checkLocalWork(tree: Tree): readonly Finding[] {
  const controls = find(tree, ['controls'])?.tree;
  const overlays = controls?.kind === 'list' ? controls.items.map((_, index) => ['controls', String(index)]) : [];
  return [[], ...overlays].flatMap((owner) => {
    const path = [...owner, 'client', 'steps'];
    const at = find(tree, path)?.key;
    if (at === undefined || find(tree, [...owner, 'client', 'epochs']) === undefined) return [];
    const message = 'Epochs and steps are both given, but each alone says how much a client does in a round.';
    return [{ at, path: pathText(path), message, hint: 'Keep one of them.' }];
  });
}
