import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelTotals, split, sum } from '../testing/split.js';
import { labelShards } from './label-shards.js';

/** The shards in their order. */
const unshuffled = { ...createRandom(1), shuffle: <T>(values: T): T => values };

describe('label-shards', () => {
  it('cuts sorted labels into shards and deals two to each client', () => {
    // 0 0 0 | 0 1 1 | 1 1 2 | 2 2 2: shard 0 and 1 to client 0, shard 2 and 3 to client 1.
    expect(split(labelShards, { clients: 2, shardsPerClient: 2 }, [4, 4, 4], unshuffled)).toEqual([
      [4, 2, 0],
      [0, 2, 4],
    ]);
  });

  it("is McMahan's split of 60,000 images: 100 clients of two shards of 300, of four labels at most", () => {
    const mnistTrain = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    const quotas = split(labelShards, { clients: 100, shardsPerClient: 2 }, mnistTrain);
    expect(new Set(quotas.map(sum))).toEqual(new Set([600]));
    const held = quotas.map((quota) => quota.filter((count) => count > 0).length);
    expect(Math.max(...held)).toBeLessThanOrEqual(4);
    // "most clients will only have examples of two digits"
    expect(held.filter((labels) => labels <= 2).length).toBeGreaterThan(80);
  });

  it('gives one client with one shard everything', () => {
    expect(split(labelShards, { clients: 1, shardsPerClient: 1 }, [3, 0, 4])).toEqual([[3, 0, 4]]);
  });

  it('uses every example once, in shards whose sizes differ by one at most', () => {
    const counts = fc.array(fc.nat(80), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }), (list, clients, each) => {
        fc.pre(clients * each <= sum(list));
        const quotas = split(labelShards, { clients, shardsPerClient: each }, list);
        expect(labelTotals(quotas)).toEqual(list);
        const sizes = quotas.map(sum);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(each);
      }),
    );
  });

  it('refuses more shards than examples', () => {
    expect(() => split(labelShards, { clients: 4, shardsPerClient: 2 }, [3, 4])).toThrow(
      expect.objectContaining({
        code: 'FEDX_PARTITION_IMPOSSIBLE',
        message: expect.stringContaining('8 shards, but there are 7 examples'),
      }),
    );
  });
});
