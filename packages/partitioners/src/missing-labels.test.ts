import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelTotals, split, sum } from '../testing/split.js';
import { missingLabels } from './missing-labels.js';

describe('missing-labels', () => {
  it('gives each of 4 clients one of 2 labels, two clients a label, evenly', () => {
    const quotas = split(missingLabels, { clients: 4, present: 1 }, [7, 4]);
    expect(quotas.map((quota) => quota.filter((count) => count > 0).length)).toEqual([1, 1, 1, 1]);
    // 7 examples over two holders are 4 and 3, 4 are 2 and 2.
    expect(quotas.map(([zeros = 0]) => zeros).sort()).toEqual([0, 0, 3, 4]);
    expect(quotas.map(([, ones = 0]) => ones).sort()).toEqual([0, 0, 2, 2]);
  });

  it('is the same whether labels are counted as missing or as present', () => {
    const counts = [30, 30, 30, 30, 30];
    expect(split(missingLabels, { clients: 7, missing: 3 }, counts)).toEqual(
      split(missingLabels, { clients: 7, present: 2 }, counts),
    );
  });

  it('divides every label over all clients where none is missing', () => {
    expect(split(missingLabels, { clients: 3, missing: 0 }, [9, 3])).toEqual(Array(3).fill([3, 1]));
  });

  it('gives every client as many labels as asked, in a balanced way, and uses every example once', () => {
    const cases = fc
      .record({ classes: fc.integer({ min: 1, max: 12 }), clients: fc.integer({ min: 1, max: 40 }), seed: fc.nat(20) })
      .chain(({ classes, clients, seed }) =>
        fc.record({
          clients: fc.constant(clients),
          seed: fc.constant(seed),
          present: fc.integer({ min: Math.ceil(classes / clients), max: classes }),
          counts: fc.array(fc.integer({ min: 40, max: 90 }), { minLength: classes, maxLength: classes }),
        }),
      );
    fc.assert(
      fc.property(cases, ({ clients, present, counts }) => {
        const quotas = split(missingLabels, { clients, present }, counts);
        expect(quotas.map((quota) => quota.filter((count) => count > 0).length)).toEqual(Array(clients).fill(present));
        const holders = counts.map((_, label) => quotas.filter((quota) => (quota[label] ?? 0) > 0).length);
        expect(Math.max(...holders) - Math.min(...holders)).toBeLessThanOrEqual(1);
        counts.forEach((_, label) => {
          const parts = quotas.map((quota) => quota[label] ?? 0).filter((count) => count > 0);
          expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
        });
        expect(labelTotals(quotas)).toEqual(counts);
      }),
    );
  });

  it('draws other label sets for another seed', () => {
    const counts = Array<number>(10).fill(50);
    const held = (seed: number) =>
      JSON.stringify(
        split(missingLabels, { clients: 10, present: 3 }, counts, createRandom(seed)).map((quota) =>
          quota.map((count) => count > 0),
        ),
      );
    expect(held(1)).toBe(held(1));
    expect(held(2)).not.toBe(held(1));
  });

  it.each([
    ['clients that lack every label', { clients: 2, missing: 2 }, 'lack 2 of 2 labels'],
    ['more labels per client than labels', { clients: 2, present: 3 }, 'have 3 of 2 labels'],
    ['a label that nobody would hold', { clients: 1, present: 1 }, 'No client holds label'],
    ['fewer examples of a label than holders', { clients: 9, present: 2 }, 'Label 0 has 8 examples for the 9 clients'],
  ])('refuses %s', (_, options, message) => {
    expect(() => split(missingLabels, options, [8, 90])).toThrow(
      expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE', message: expect.stringContaining(message) }),
    );
  });

  it('spreads 10,000 clients over the labels evenly', () => {
    const quotas = split(missingLabels, { clients: 10_000, present: 2 }, Array<number>(10).fill(6000));
    expect(new Set(quotas.map(sum))).toEqual(new Set([6]));
  });
});
