import { describe, expect, it } from 'vitest';
import { partitioningNetwork, sortingNetwork } from './sorting-network.js';

/** What a network makes of some values. */
function applied(network: ReturnType<typeof partitioningNetwork>, values: readonly number[]): number[] {
  const out = [...values];
  const sorted = (...two: number[]): number[] => two.sort((x, y) => x - y);
  for (const { kind, from, to } of network) {
    const [a = 0, b = 0, c = 0, d = 0] = from.map((place) => out[place] ?? 0);
    const [low, high] = [sorted(a, b), sorted(c, d)];
    const other = kind === 'same' ? high : high.toReversed();
    const made = kind === 'single' ? low : [0, 1].flatMap((i) => sorted(low[i] ?? 0, other[i] ?? 0));
    to.forEach((place, i) => (out[place] = made[i] ?? 0));
  }
  return out;
}

describe('a network of exchanges', () => {
  // Knuth's zero-one principle: what is right for all zeros and ones is right for all values.
  it('brings the values of the ranks to their places, for all zeros and ones of up to 10 values and all ranks', () => {
    for (let count = 1; count <= 10; count++)
      for (let from = 0; from < count; from++)
        for (let to = from + 1; to <= count; to++) {
          const network = partitioningNetwork(count, from, to);
          for (let bits = 0; bits < 2 ** count; bits++) {
            const values = Array.from({ length: count }, (_, i) => (bits >> i) & 1);
            const ones = values.filter((value) => value === 1).length;
            const expected = Math.min(ones, count - from) - Math.min(ones, count - to);
            const found = applied(network, values).slice(from, to);
            if (found.filter((value) => value === 1).length !== expected)
              expect.fail(`${count} values, ranks ${from} to ${to}: ${values.join('')} gives ${found.join('')}`);
          }
        }
  });

  it('sorts, where every rank is asked for', () => {
    for (let count = 1; count <= 13; count++) {
      const network = sortingNetwork(count);
      for (let bits = 0; bits < 2 ** count; bits++) {
        const values = Array.from({ length: count }, (_, i) => (bits >> i) & 1);
        const found = applied(network, values);
        if (found.some((value, i) => value < (found[i - 1] ?? 0)))
          expect.fail(`${values.join('')} gives ${found.join('')}`);
      }
    }
  });

  it('has no exchange where all values are taken, and nearly none but in quads for a cohort', () => {
    expect(partitioningNetwork(100, 0, 100)).toEqual([]);
    const kinds = partitioningNetwork(100, 49, 51).map(({ kind }) => kind);
    expect([
      kinds.filter((kind) => kind !== 'single').length,
      kinds.filter((kind) => kind === 'single').length,
    ]).toEqual([276, 34]);
  });
});
