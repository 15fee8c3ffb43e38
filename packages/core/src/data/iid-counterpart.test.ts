import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../contracts/index.js';
import { createRandom } from '../random/index.js';
import { buildFederatedData } from './build-federated-data.js';
import type { FederatedData } from './federated-data.js';
import { iidCounterpart } from './iid-counterpart.js';
import { partitionTable } from './partition-table.js';

describe('iidCounterpart', () => {
  it('takes the skew away', () => {
    const skewed = federation(
      [
        [500, 0],
        [0, 500],
      ],
      1,
    );
    expect(partitionTable(skewed).heterogeneity.earthMovers.mean).toBe(0.5);
    expect(partitionTable(iidCounterpart(skewed, createRandom(1))).heterogeneity.earthMovers.mean).toBeLessThan(0.08);
  });

  it('leaves a single client as it is', () => {
    const single = federation([[20, 10]], 1);
    expect(iidCounterpart(single, createRandom(1))).toEqual(single);
  });

  it('keeps holdouts, client sizes and the images of each use, whatever the split', () => {
    const quota = fc.tuple(fc.integer({ min: 5, max: 40 }), fc.integer({ min: 5, max: 40 }));
    fc.assert(
      fc.property(fc.array(quota, { minLength: 1, maxLength: 5 }), fc.nat(), (quotas, seed) => {
        const data = federation(quotas, seed);
        const iid = iidCounterpart(data, createRandom(seed));
        expect(iid.test).toBe(data.test);
        expect(iid.validation).toBe(data.validation);
        for (const use of ['train', 'validation', 'test'] as const) {
          const all = ({ clients }: FederatedData) =>
            clients.flatMap((client) => [...client[use]]).sort((a, b) => a - b);
          expect(all(iid)).toEqual(all(data));
          expect(iid.clients.map((client) => client[use].length)).toEqual(
            data.clients.map((client) => client[use].length),
          );
        }
        for (const { train } of iid.clients) expect([...train]).toEqual([...train].sort((a, b) => a - b));
      }),
    );
  });
});

function federation(quotas: readonly (readonly [number, number])[], seed: number): FederatedData {
  const labels = Uint8Array.from(
    quotas.flatMap(([zeros, ones]) => [...Array<number>(zeros).fill(0), ...Array<number>(ones).fill(1)]),
  );
  const examples = labels.length;
  const dataset: Dataset = {
    examples,
    inputShape: [1],
    inputs: new Uint8Array(examples),
    scale: 1,
    labels,
    classes: 2,
    digest: '',
  };
  const random = createRandom(seed);
  return buildFederatedData({
    dataset,
    partitioner: { use: 'toy' },
    directory: '.',
    partition: () => ({ quotas }),
    holdout: { test: 0.2, validation: 0.1 },
    streams: { data: random.at('data'), partition: random.at('partition') },
  });
}
