import type { FedxError, PartitionRequest } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../testing/split.js';
import { iid } from './iid.js';

describe('iid', () => {
  it('cuts 10 images into 3 clients of 4, 3 and 3', () => {
    const quotas = split({ clients: 3 }, [6, 4]);
    expect(quotas.map(sum)).toEqual([4, 3, 3]);
    expect([0, 1].map((label) => sum(quotas.map((quota) => quota[label] ?? 0)))).toEqual([6, 4]);
  });

  it('follows the order of the shuffle', () => {
    // Labels 0 0 0 1 1, reversed: 1 1 | 0 0 0.
    const reversed: Shuffle = (values) => {
      values.reverse();
      return values;
    };
    expect(split({ sizes: [2, 3] }, [3, 2], reversed)).toEqual([
      [0, 2],
      [3, 0],
    ]);
  });

  it('gives one client everything', () => {
    expect(split({ clients: 1 }, [3, 0, 2])).toEqual([[3, 0, 2]]);
  });

  it('gives as many clients as images one image each', () => {
    expect(split({ clients: 5 }, [3, 2]).map(sum)).toEqual([1, 1, 1, 1, 1]);
  });

  it('gives clients nearly the label distribution of the whole', () => {
    // 10,000 images of two labels over 10 clients: 500 of each, standard deviation 15.
    const quotas = split({ clients: 10 }, [5000, 5000]);
    for (const quota of quotas) expect(Math.abs((quota[0] ?? 0) - 500)).toBeLessThan(90);
    expect(new Set(quotas.map((quota) => quota[0])).size).toBeGreaterThan(1);
  });

  it('uses every image exactly once, whatever the sizes and labels', () => {
    const labelled = fc.tuple(
      fc.array(fc.nat(6), { minLength: 1, maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 20 }),
    );
    fc.assert(
      fc.property(labelled, ([labels, cuts]) => {
        const counts = Array.from({ length: 7 }, (_, label) => labels.filter((other) => other === label).length);
        const edges = [...new Set([0, ...cuts.map((cut) => cut % labels.length), labels.length])].sort((a, b) => a - b);
        const sizes = edges.slice(1).map((edge, k) => edge - (edges[k] ?? 0));
        const quotas = split({ sizes }, counts);
        expect(quotas.map(sum)).toEqual(sizes);
        expect(counts.map((_, label) => sum(quotas.map((quota) => quota[label] ?? 0)))).toEqual(counts);
      }),
    );
  });

  it.each([
    ['more clients than images', { clients: 6 }, '6 clients cannot share 5 images'],
    ['sizes that do not sum to the number of images', { sizes: [2, 2] }, 'sum to 4, but there are 5 images'],
  ])('refuses %s', (_, options, message) => {
    expect(() => split(options, [3, 2])).toThrow(
      expect.objectContaining<Partial<FedxError>>({
        code: 'FEDX_PARTITION_IMPOSSIBLE',
        message: expect.stringContaining(message),
      }),
    );
  });
});

type Options = Parameters<typeof iid.partition>[0];
type Shuffle = PartitionRequest['random']['shuffle'];

function split(
  options: Options,
  counts: readonly number[],
  shuffle: Shuffle = createRandom(1).shuffle,
): readonly (readonly number[])[] {
  const partition = iid.partition(options, requestOf(counts, { ...createRandom(1), shuffle }));
  return 'quotas' in partition ? partition.quotas : [];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
