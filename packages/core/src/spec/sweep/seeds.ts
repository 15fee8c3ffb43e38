import { find, type MappingTree, type Tree } from '../document/located-tree.js';
import { argumentSource } from '../document/source.js';

/** Seeds to run a spec with: so many from the spec's own on, or these. */
export type SeedRequest = number | readonly number[];

/** The spec with a sweep over `seed`, in place of one that it may have. Places are those of the argument `--seeds`. */
export function sweepOverSeeds(tree: MappingTree, seeds: SeedRequest, index: number): MappingTree {
  const text = `--seeds ${typeof seeds === 'number' ? seeds : seeds.join(',')}`;
  const source = argumentSource(text, index);
  const span = { source, from: '--seeds '.length, to: text.length };
  const scalar = (value: number): Tree => ({ kind: 'scalar', value, span });
  const own = find(tree, ['seed'])?.tree;
  const first = own?.kind === 'scalar' && typeof own.value === 'number' ? own.value : undefined;
  const values = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => (first ?? 1) + index) : seeds;
  const list: Tree = { kind: 'list', items: values.map(scalar), span };

  const written = tree.entries.get('sweep');
  const before = written?.value.kind === 'mapping' ? written.value : undefined;
  const sweep: MappingTree = {
    kind: 'mapping',
    entries: new Map([...(before?.entries ?? []), ['seed', { key: span, value: list }]]),
    span: before?.span ?? span,
  };
  const entries = new Map([...tree.entries, ['sweep', { key: written?.key ?? span, value: sweep }]]);
  // Counted from, the spec's seed has done its work; left there it would look like one that the sweep ignores.
  if (typeof seeds === 'number' && first !== undefined) entries.delete('seed');
  return { ...tree, entries };
}
