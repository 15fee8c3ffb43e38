import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelTotals, split, sum } from '../testing/split.js';
import { dirichletClass } from './dirichlet-class.js';

const defaults = { balance: true, minimumExamples: 10, attempts: 100 };

/** Shares as given, in turn. */
function drawing(shares: readonly (readonly number[])[]) {
  let next = 0;
  return { ...createRandom(1), dirichlet: () => [...(shares[next++] ?? [])] };
}

describe('dirichlet-class', () => {
  it('cuts each label at the floors of its cumulated shares', () => {
    // Label 0: 0.35 * 10 and 0.7 * 10 cut 10 into 3, 4, 3. Label 1: 1 and 1 of 5 is all for client 0.
    const random = drawing([
      [0.35, 0.35, 0.3],
      [1, 0, 0],
    ]);
    const options = { ...defaults, clients: 3, alpha: 1, balance: false, minimumExamples: 1 };
    expect(split(dirichletClass, options, [10, 5], random)).toEqual([
      [3, 5],
      [4, 0],
      [3, 0],
    ]);
  });

  it('gives a client with its average share nothing of later labels', () => {
    // 20 examples, 2 clients, average 10: client 0 is full after label 0, so label 1 goes to client 1.
    const random = drawing([
      [1, 0],
      [0.5, 0.5],
    ]);
    expect(split(dirichletClass, { ...defaults, clients: 2, alpha: 1 }, [10, 10], random)).toEqual([
      [10, 0],
      [0, 10],
    ]);
  });

  it('draws among those with room where the draw gives a label to full clients only', () => {
    const random = drawing([
      [1, 0, 0],
      [1, 0, 0],
      [0.25, 0.75],
    ]);
    const options = { ...defaults, clients: 3, alpha: 1, minimumExamples: 1 };
    expect(split(dirichletClass, options, [10, 8], random)).toEqual([
      [10, 0],
      [0, 2],
      [0, 6],
    ]);
  });

  it('gives nobody anything of a label without examples, though all are full', () => {
    const random = drawing([[0.5, 0.5], [1, 0], []]);
    expect(split(dirichletClass, { ...defaults, clients: 2, alpha: 1 }, [20, 0], random)).toEqual([
      [10, 0],
      [10, 0],
    ]);
  });

  it('draws the whole split anew until every client has its minimum', () => {
    const random = drawing([
      [0.95, 0.05],
      [0.95, 0.05],
      [0.5, 0.5],
      [0.4, 0.6],
    ]);
    const options = { ...defaults, clients: 2, alpha: 1, balance: false };
    expect(split(dirichletClass, options, [20, 10], random)).toEqual([
      [10, 4],
      [10, 6],
    ]);
  });

  it.each([
    [1e-9, true],
    [1e-300, true],
    [5e-324, true],
    [1e-9, false],
  ])('gives each label whole to one client at alpha %d, with balance %s', (alpha, balance) => {
    const options = { ...defaults, clients: 6, alpha, balance, minimumExamples: 1, attempts: 10_000 };
    const counts = Array<number>(12).fill(30);
    const quotas = split(dirichletClass, options, counts);
    expect(quotas.flat().filter((count) => count > 0)).toEqual(counts);
    if (balance) expect(quotas.map(sum)).toEqual(Array(6).fill(60));
  });

  it('gives every client the same as alpha goes to infinity', () => {
    const quotas = split(dirichletClass, { ...defaults, clients: 10, alpha: 1e9 }, [1000, 500, 2000]);
    for (const quota of quotas) {
      quota.forEach((count, label) => {
        expect(Math.abs(count - ([100, 50, 200][label] ?? 0))).toBeLessThanOrEqual(1);
      });
    }
  });

  it('uses every example once, whatever alpha, clients and labels', () => {
    const counts = fc.array(fc.nat(200), { minLength: 1, maxLength: 10 });
    const alphas = fc.constantFrom(5e-324, 1e-9, 0.1, 1, 1e9);
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 8 }), alphas, fc.nat(), (list, clients, alpha, seed) => {
        fc.pre(clients <= sum(list));
        const options = { clients, alpha, balance: seed % 2 === 0, minimumExamples: 1, attempts: 1 };
        const result = attempt(() => split(dirichletClass, options, list, createRandom(seed)));
        if (result instanceof Error) expect(result).toMatchObject({ code: 'FEDX_PARTITION_IMPOSSIBLE' });
        else expect(labelTotals(result)).toEqual(list);
      }),
    );
  });

  it.each([
    [
      'a minimum beyond the data',
      { clients: 5, alpha: 1, minimumExamples: 7 },
      '5 clients of at least 7 examples need 35',
    ],
    [
      'a skew that never gives everyone the minimum',
      { clients: 5, alpha: 1e-9, balance: false },
      '100 splits with alpha 1e-9 left 3 or more of 5 clients with fewer than 5 examples',
    ],
    [
      'whole labels for more clients than there are labels, balance or not',
      { clients: 5, alpha: 1e-9 },
      '100 splits with alpha 1e-9 left 3 or more of 5 clients with fewer than 5 examples',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => split(dirichletClass, { ...defaults, minimumExamples: 5, ...options }, [15, 15])).toThrow(
      expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE', message: expect.stringContaining(message) }),
    );
  });
});

it('gives up at once where another draw has no chance, and says over how many clients a split came out right', () => {
  const options = { ...defaults, clients: 1000, alpha: 0.5, minimumExamples: 3 };
  const counts = Array<number>(10).fill(400);
  const refused = attempt(() => split(dirichletClass, options, counts));
  expect(refused).toMatchObject({
    code: 'FEDX_PARTITION_IMPOSSIBLE',
    message: expect.stringMatching(/^3 splits with alpha 0.5 left \d{2,3} or more of 1000 clients with fewer than 3/),
    hint: expect.stringMatching(
      /^Lower partition.clients \(a split over \d+ came out right\), or raise partition.alpha, or lower/,
    ),
  });
  const enough = Number(/over (\d+)/.exec((refused as unknown as { hint: string }).hint)?.[1]);
  expect(enough).toBeGreaterThanOrEqual(125);
  expect(split(dirichletClass, { ...options, clients: enough }, counts)).toHaveLength(enough);
});

function attempt<Result>(call: () => Result): Result | Error {
  try {
    return call();
  } catch (error) {
    return error as Error;
  }
}
