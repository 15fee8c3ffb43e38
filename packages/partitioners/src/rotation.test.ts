import { describe, expect, it } from 'vitest';
import { requestOf } from '../testing/split.js';
import { rotation } from './rotation.js';

type Angles = Parameters<typeof rotation.partition>[0]['angles'];

function rotate(
  values: readonly number[],
  shape: readonly number[],
  client: number,
  angles: Angles = [0, 90, 180, 270],
): number[] {
  const partition = rotation.partition({ of: { use: 'iid', clients: 8 }, angles }, requestOf([40]));
  const rotated = Float32Array.from(values);
  partition.features?.({ values: rotated, shape, client, example: 0, use: 'train' });
  return [...rotated];
}

// 1 2 3      3 6 9
// 4 5 6  ->  2 5 8
// 7 8 9      1 4 7
const image = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('rotation', () => {
  it('turns images counter-clockwise, angle after angle for the clients in turn', () => {
    expect(rotate(image, [3, 3, 1], 0)).toEqual(image);
    expect(rotate(image, [3, 3, 1], 1)).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    expect(rotate(image, [3, 3], 2)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(rotate(image, [3, 3, 1], 7)).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
  });

  it('keeps the channels of a pixel together', () => {
    expect(rotate([1, -1, 2, -2, 3, -3, 4, -4], [2, 2, 2], 0, [90])).toEqual([2, -2, 4, -4, 1, -1, 3, -3]);
  });

  it('turns what the partition of it has changed', () => {
    const noisy = { use: 'feature-noise', sigma: 1, holdouts: 'noisy', of: { use: 'iid', clients: 2 } };
    const change = { shape: [3, 3, 1], client: 1, example: 4, use: 'train' } as const;
    const [noise, both] = [new Float32Array(9), new Float32Array(9)];
    requestOf([40])
      .partition(noisy, requestOf([40]))
      .features?.({ ...change, values: noise });
    const partition = rotation.partition({ of: noisy, angles: [0, 90] }, requestOf([40]));
    partition.features?.({ ...change, values: both });
    expect(noise.every((value) => value !== 0)).toBe(true);
    expect([...both]).toEqual(rotate([...noise], [3, 3, 1], 1));
  });

  it.each([[[3, 2, 1]], [[9]], [[1, 3, 3, 1]]])('refuses examples of shape %j', (shape) => {
    expect(() => rotate(image, shape, 1)).toThrow(expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE' }));
  });
});
