import { isFedxError, type Partition } from '@fedx/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../testing/split.js';
import { dominantLabel } from './dominant-label.js';

const mnistCounts = [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958];

describe('dominant-label', () => {
  it("gives client 1 the paper's table", () => {
    const quotas = split(mnistCounts, 10, 0.55);
    expect(quotas[1]).toEqual([346, 4331, 350, 358, 342, 316, 344, 365, 342, 348]);
  });

  it("gives the clients of the paper's split 52 to 58 % of their own dominant label", () => {
    const shares = split(mnistCounts, 10, 0.55).map((quota, client) => (quota[client] ?? 0) / sum(quota));
    expect(Math.min(...shares)).toBeCloseTo(0.521, 3);
    expect(Math.max(...shares)).toBeCloseTo(0.582, 3);
  });

  it('takes a share that is whole as whole: 30 % / 9 of 90 images are 3, not 4', () => {
    expect(((1 - 0.7) / 9) * 90).toBeGreaterThan(3);
    expect(split(Array(10).fill(90), 10, 0.7)[0]).toEqual([63, ...Array(9).fill(3)]);
  });

  it('divides a label among all clients for which it is dominant', () => {
    // 4 clients, 2 labels of 20, share 0.6: two others get ceil(0.2 * 20) = 4 each, two dominant clients (20 - 8) / 2 = 6.
    expect(split([20, 20], 4, 0.6)).toEqual([
      [6, 4],
      [4, 6],
      [6, 4],
      [4, 6],
    ]);
  });

  it('spreads labels without a dominant client evenly', () => {
    // Label 2 has no client of its own: 10 images over 2 clients.
    expect(split([10, 10, 10], 2, 0.8)).toEqual([
      [8, 2, 5],
      [2, 8, 5],
    ]);
  });

  it('gives every label whole to its client at share 1', () => {
    expect(split([3, 5, 7], 3, 1)).toEqual([
      [3, 0, 0],
      [0, 5, 0],
      [0, 0, 7],
    ]);
  });

  it('is nearly even at share 0.1 with 10 clients and labels', () => {
    const quotas = split(mnistCounts, 10, 0.1);
    // 10 % of 6903 is 690.3: nine clients get 691, client 0 the remaining 684.
    expect(quotas.map((quota) => quota[0])).toEqual([684, ...Array(9).fill(691)]);
  });

  it('divides what is there where a label has too few images for the ceilings', () => {
    // Nine others would get ceil(0.25) = 1 of 5 images each; instead they share 5 - round(2.75) = 2, in turn:
    // label 0 goes to 1 and 2, label 1 to 3 and 4 … label 4 to 9 and 0 … label 8 to 7 and 9, label 9 to 0 and 1.
    const quotas = split(Array(10).fill(5), 10, 0.55);
    expect(quotas[0]).toEqual([3, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    expect(quotas.map((quota, client) => quota[client])).toEqual(Array(10).fill(3));
    expect(quotas.map(sum)).toEqual([5, 6, 5, 5, 5, 5, 5, 5, 4, 5]);
  });

  it('gives one client everything', () => {
    expect(split([4, 6], 1, 0.55)).toEqual([[4, 6]]);
  });

  it('uses every image exactly once, whatever the clients, share and labels', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (images, clients, share) => {
          fc.pre(clients <= sum(images));
          const quotas = split(images, clients, share);
          expect(quotas.length).toBe(clients);
          expect(quotas.flat().every((quota) => Number.isInteger(quota) && quota >= 0)).toBe(true);
          expect(images.map((_, label) => sum(quotas.map((quota) => quota[label] ?? 0)))).toEqual(images);
        },
      ),
    );
  });

  it('refuses more clients than images', () => {
    expect(failure([2, 2], 5)).toMatchObject({
      code: 'FEDX_PARTITION_IMPOSSIBLE',
      message: expect.stringContaining('5 clients cannot share 4 images'),
    });
  });

  it('refuses a label without images', () => {
    expect(failure([9, 0, 9], 3)).toMatchObject({
      code: 'FEDX_PARTITION_IMPOSSIBLE',
      message: expect.stringContaining('Label 1 has no images'),
    });
  });
});

function quotasOf(partition: Partition): readonly (readonly number[])[] {
  return 'quotas' in partition ? partition.quotas : [];
}

function split(counts: readonly number[], clients: number, dominantShare: number): readonly (readonly number[])[] {
  return quotasOf(dominantLabel.partition({ clients, dominantShare }, requestOf(counts)));
}

function failure(counts: readonly number[], clients: number): unknown {
  try {
    return split(counts, clients, 0.55);
  } catch (error) {
    if (!isFedxError(error)) throw error;
    return error;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
