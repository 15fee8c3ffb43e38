import type { FeatureSkew } from '@fedx/core';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../testing/split.js';
import { featureNoise } from './feature-noise.js';

const defaults = { of: { use: 'iid', clients: 5 }, sigma: 0.8, holdouts: 'noisy' as const };
type Change = Parameters<FeatureSkew>[0];

function noise(options: Partial<Parameters<typeof featureNoise.partition>[0]>, change: Partial<Change>): Float32Array {
  const partition = featureNoise.partition({ ...defaults, ...options }, requestOf([30, 30]));
  const values = new Float32Array(20_000).fill(2);
  partition.features?.({ values, shape: [20_000], client: 4, example: 7, use: 'train', ...change });
  return values;
}

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - 2) ** 2, 0) / values.length);
}

describe('feature-noise', () => {
  it('gives client k of N a standard deviation of sigma k / (N - 1)', () => {
    // Standard error 0.5 %.
    for (const [client, expected] of [0, 0.2, 0.4, 0.6, 0.8].entries())
      expect(Math.abs(deviation(noise({}, { client })) - expected)).toBeLessThanOrEqual(0.025 * expected);
  });

  it('draws the noise of an example once, and another one for another example', () => {
    expect(noise({}, {})).toEqual(noise({}, {}));
    expect(noise({}, { example: 8 })).not.toEqual(noise({}, {}));
  });

  it('leaves holdouts alone where they are to be clean', () => {
    expect(deviation(noise({ holdouts: 'clean' }, { use: 'test' }))).toBe(0);
    expect(deviation(noise({ holdouts: 'clean' }, { use: 'validation' }))).toBe(0);
    expect(deviation(noise({}, { use: 'test' }))).toBeGreaterThan(0.5);
  });

  it('changes nothing with sigma 0', () => {
    expect(deviation(noise({ sigma: 0 }, {}))).toBe(0);
    expect(deviation(noise({ of: { use: 'iid', clients: 1 }, sigma: 0 }, { client: 0 }))).toBe(0);
  });

  it('refuses a single client, which would have no noise', () => {
    expect(() => noise({ of: { use: 'iid', clients: 1 } }, {})).toThrow(
      expect.objectContaining({
        code: 'FEDX_PARTITION_IMPOSSIBLE',
        message: expect.stringContaining('there is only one client'),
      }),
    );
  });

  it('comes after what the partition of it changes', () => {
    const turned = { use: 'rotation', angles: [180], of: defaults.of };
    const values = Float32Array.of(1, 2, 3, 4);
    const partition = featureNoise.partition({ ...defaults, of: turned, sigma: 1e-3 }, requestOf([30, 30]));
    partition.features?.({ values, shape: [2, 2], client: 4, example: 7, use: 'train' });
    expect([...values].map(Math.round)).toEqual([4, 3, 2, 1]);
    expect([...values]).not.toEqual([4, 3, 2, 1]);
  });

  it('is independent of a noise in the partition of it, however deep: their variances add up', () => {
    const twice = { use: 'feature-noise', ...defaults };
    const turned = { use: 'rotation', angles: [0], of: twice };
    const [square, other] = [{ shape: [100, 100, 2] }, { of: { use: 'feature-noise', ...defaults, of: turned } }];
    // Standard error 0.5 %.
    for (const [options, noises] of [[{ of: twice }, 2] as const, [{ of: turned }, 2] as const, [other, 3] as const]) {
      const expected = 0.8 * Math.sqrt(noises);
      expect(Math.abs(deviation(noise(options, square)) - expected)).toBeLessThanOrEqual(0.025 * expected);
    }
  });

  it('counts the clients of a split that is whole, and of chosen examples', () => {
    const rows = Uint32Array.of(0);
    const split = {
      test: rows,
      validation: rows,
      clients: Array(5).fill({ train: rows, validation: rows, test: rows }),
    };
    for (const spread of [{ split }, { examples: Array<Uint32Array>(5).fill(rows) }]) {
      const { features } = featureNoise.partition(defaults, { ...requestOf([30, 30]), partition: () => spread });
      const values = new Float32Array(20_000).fill(2);
      features?.({ values, shape: [20_000], client: 4, example: 7, use: 'train' });
      expect(values).toEqual(noise({}, {}));
    }
  });

  it('spreads examples as the inner partitioner does', () => {
    const partition = featureNoise.partition(defaults, requestOf([30, 30]));
    expect('quotas' in partition && partition.quotas.length).toBe(5);
  });
});
