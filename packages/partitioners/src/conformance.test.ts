import { partitionerConformance, type Setup } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { partitioners } from './index.js';

/** How each partitioner is tested; one whose defaults will do may be left out. */
const setups: Readonly<Record<string, Setup>> = {
  'dominant-label': { options: { clients: 8, dominantShare: 0.55 } },
  iid: { options: { clients: 8 } },
  'label-shards': { options: { clients: 8 } },
  'labels-per-client': { options: { clients: 8, labels: 3 } },
  'missing-labels': { options: { clients: 8, missing: 2 } },
  'dirichlet-class': { options: { clients: 8, alpha: 1 } },
  'dirichlet-label': { options: { clients: 8, alpha: 1 } },
  quantity: { options: { clients: 8, rule: 'dirichlet', alpha: 5 } },
};

it('has every partitioner among those that are tested', () => {
  expect(partitioners.map(({ kind }) => kind)).toEqual(partitioners.map(() => 'partitioner'));
});

/** They need what the suite does not have: other partitioners, groups of the dataset, the file of a run. Integration tests have it. */
const needMore = ['by-column', 'feature-noise', 'from-file', 'mixture', 'rotation'];

describe.each(
  partitioners.filter((plugin) => plugin.kind === 'partitioner').filter(({ name }) => !needMore.includes(name)),
)('the partitioner $name', (plugin) => {
  for (const { title, run } of partitionerConformance(plugin, setups[plugin.name])) it(title, run);
});
