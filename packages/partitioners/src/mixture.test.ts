import { describe, expect, it } from 'vitest';
import { labelTotals, requestOf, split, sum } from '../testing/split.js';
import { mixture } from './mixture.js';

const iid = (clients: number) => ({ use: 'iid', clients });
const oneLabel = (clients: number) => ({ use: 'labels-per-client', clients, labels: 1 });

describe('mixture', () => {
  it('adds up what a client gets in each part', () => {
    // A quarter of 40 + 40 examples is 10 + 10 for two alike clients; of the rest each client has one label.
    const parts = [
      { share: 0.25, of: { use: 'missing-labels', clients: 2, missing: 0 } },
      { share: 0.75, of: oneLabel(2) },
    ];
    expect(split(mixture, { by: 'examples', parts }, [40, 40])).toEqual([
      [35, 5],
      [5, 35],
    ]);
  });

  it('puts clients of several kinds one after the other', () => {
    const parts = [
      { share: 0.5, of: { use: 'missing-labels', clients: 1, missing: 0 } },
      { share: 0.5, of: oneLabel(2) },
    ];
    expect(split(mixture, { by: 'clients', parts }, [20, 10])).toEqual([
      [10, 5],
      [10, 0],
      [0, 5],
    ]);
  });

  it('cuts at the shares as they are written, whatever their sums are rounded to', () => {
    const parts = [0.7, 0.1, 0.2].map((share) => ({ share, of: iid(1) }));
    expect(split(mixture, { by: 'clients', parts }, [10])).toEqual([[7], [1], [2]]);
  });

  it('is the part itself where there is one', () => {
    const quotas = split(mixture, { by: 'examples', parts: [{ share: 1, of: oneLabel(3) }] }, [9, 6]);
    expect(quotas).toEqual([
      [5, 0],
      [0, 6],
      [4, 0],
    ]);
  });

  it('uses every example once, and draws its parts independently', () => {
    const parts = [0.3, 0.3, 0.4].map((share) => ({ share, of: iid(5) }));
    const quotas = split(mixture, { by: 'clients', parts }, [101, 57, 3]);
    expect(labelTotals(quotas)).toEqual([101, 57, 3]);
    expect(quotas.length).toBe(15);
    expect(quotas.slice(0, 5)).not.toEqual(quotas.slice(5, 10));
    expect(sum(quotas.flat())).toBe(161);
  });

  it.each([
    ['shares that do not sum to 1', 'examples' as const, [{ share: 0.5, of: iid(2) }], 'sum to 0.5'],
    [
      'parts with other clients',
      'examples' as const,
      [
        { share: 0.5, of: iid(2) },
        { share: 0.5, of: iid(3) },
      ],
      'partition.parts.1 has 3 clients, but partition.parts.0 has 2',
    ],
    [
      'parts that choose features',
      'clients' as const,
      [{ share: 1, of: { use: 'feature-noise', sigma: 1, of: iid(2), holdouts: 'noisy' } }],
      'feature-noise cannot be part',
    ],
  ])('refuses %s', (_, by, parts, message) => {
    expect(() => mixture.partition({ by, parts }, requestOf([20, 20]))).toThrow(
      expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE', message: expect.stringContaining(message) }),
    );
  });
});
