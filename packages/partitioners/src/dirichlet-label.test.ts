import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelTotals, split, sum } from '../testing/split.js';
import { dirichletLabel } from './dirichlet-label.js';

/** Mixes as given, in turn; whatever else is drawn is 0, and nothing is shuffled. */
function drawing(mixes: readonly (readonly number[])[]) {
  let next = 0;
  const random = {
    ...createRandom(1),
    at: () => random,
    uniform: () => 0,
    shuffle: <T>(values: T): T => values,
    dirichlet: () => [...(mixes[next++] ?? [])],
  };
  return random;
}

describe('dirichlet-label', () => {
  it('takes from a mix what is left of it, then from one over the labels that are left', () => {
    // Client 0 takes all of label 0; client 1 finds none, and draws one of labels 1 and 2; client 2, of label 1.
    const random = drawing([[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1], [1]]);
    expect(split(dirichletLabel, { clients: 3, alpha: 1, prior: 'flat' }, [4, 4, 4], random)).toEqual([
      [4, 0, 0],
      [0, 0, 4],
      [0, 4, 0],
    ]);
  });

  it('draws alpha times the share of each label, or alpha for each under the flat prior', () => {
    const seen: number[][] = [];
    const random = {
      ...createRandom(1),
      at: () => random,
      dirichlet: (alphas: readonly number[]) => {
        seen.push([...alphas]);
        return alphas.map(() => 1 / alphas.length);
      },
    };
    split(dirichletLabel, { clients: 1, alpha: 8, prior: 'dataset' }, [30, 0, 10], random);
    split(dirichletLabel, { clients: 1, alpha: 8, prior: 'flat' }, [30, 0, 10], random);
    expect(seen).toEqual([
      [6, 2],
      [8, 8],
    ]);
  });

  it('gives clients of one label as alpha goes to 0, but for labels that run out', () => {
    const quotas = split(dirichletLabel, { clients: 200, alpha: 1e-9, prior: 'dataset' }, Array<number>(5).fill(4000));
    const pure = quotas.filter((quota) => Math.max(...quota) === sum(quota));
    // 200 clients want 40 a label on average, with standard deviation 5.7: a few percent more than there are. Whoever
    // wants a label that ran out goes on with one other, which then runs out before its time.
    expect(pure.length).toBeGreaterThan(40);
  });

  it.each([1e-9, 1e-300, 5e-324])('gives a client whose label ran out one other at a time at alpha %d', (alpha) => {
    const quotas = split(dirichletLabel, { clients: 20, alpha, prior: 'flat' }, Array<number>(10).fill(700));
    const held = quotas.map((quota) => quota.filter((count) => count > 0).length);
    expect(sum(held) / 20).toBeLessThan(4);
  });

  it('gives clients the mix of the whole as alpha goes to infinity', () => {
    const quotas = split(dirichletLabel, { clients: 10, alpha: 1e9, prior: 'dataset' }, [20_000, 10_000, 10_000]);
    // 4000 draws with probability 1/2: standard deviation 32.
    for (const quota of quotas) expect(Math.abs((quota[0] ?? 0) - 2000)).toBeLessThan(160);
  });

  it('uses every example once, in sizes that differ by one at most', () => {
    const counts = fc.array(fc.nat(60), { minLength: 1, maxLength: 12 });
    const alphas = fc.constantFrom(1e-320, 1e-9, 0.05, 1, 1e9);
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 20 }), alphas, fc.nat(), (list, clients, alpha, seed) => {
        fc.pre(clients <= sum(list));
        const prior = seed % 2 === 0 ? 'dataset' : 'flat';
        const quotas = split(dirichletLabel, { clients, alpha, prior }, list, createRandom(seed));
        expect(labelTotals(quotas)).toEqual(list);
        const sizes = quotas.map(sum);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('refuses more clients than examples', () => {
    expect(() => split(dirichletLabel, { clients: 4, alpha: 1, prior: 'flat' }, [1, 2])).toThrow(
      expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE' }),
    );
  });
});
