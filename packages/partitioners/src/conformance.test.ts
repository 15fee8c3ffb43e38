import { partitionerConformance, type Setup } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { partitioners } from './index.js';

/** How each partitioner is tested; one whose defaults will do may be left out. */
const setups: Readonly<Record<string, Setup>> = {
  'dominant-label': { options: { clients: 8, dominantShare: 0.55 } },
  iid: { options: { clients: 8 } },
};

it('has every partitioner among those that are tested', () => {
  expect(partitioners.map(({ kind }) => kind)).toEqual(partitioners.map(() => 'partitioner'));
});

describe.each(partitioners.filter((plugin) => plugin.kind === 'partitioner'))('the partitioner $name', (plugin) => {
  for (const { title, run } of partitionerConformance(plugin, setups[plugin.name])) it(title, run);
});
