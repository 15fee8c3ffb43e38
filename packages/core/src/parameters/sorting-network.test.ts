import { describe, expect, it } from 'vitest';
import { partitioningNetwork } from './sorting-network.js';

/** What a network makes of some values. */
function applied(network: readonly (readonly [number, number])[], values: readonly number[]): number[] {
  const out = [...values];
  for (const [a, b] of network) {
    const [x = 0, y = 0] = [out[a], out[b]];
    out[a] = Math.min(x, y);
    out[b] = Math.max(x, y);
  }
  return out;
}

describe('a partitioning network', () => {
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

  it('has no exchange where all values are taken, and fewer than a sort where some are', () => {
    expect(partitioningNetwork(100, 0, 100)).toEqual([]);
    expect(partitioningNetwork(100, 49, 51).length).toBe(888);
    expect(partitioningNetwork(100, 10, 90).length).toBe(860);
  });
});
