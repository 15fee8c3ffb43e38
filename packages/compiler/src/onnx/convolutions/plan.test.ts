import { describe, expect, it } from 'vitest';
import { planOf } from './plan.js';

/** Of a convolution with padding that keeps the size, unless the output's size is given. */
const plan = (images: readonly number[], filter: readonly number[], size = images[1] ?? 1) => {
  const [height = 1, width = 1] = filter;
  const before = size === images[1] ? ([(height - 1) / 2, (width - 1) / 2] as const) : ([0, 0] as const);
  const made = planOf({ images, filter, places: [size, size], before, isTurned: false });
  return made && `${made.minimal.outputs} rows by ${made.across}`;
};

describe('planOf', () => {
  it.each([
    ["McMahan's second layer", [50, 14, 14, 32], [5, 5, 32, 64], undefined, '4 rows by patches'],
    ["the same of ResNet's", [32, 28, 28, 64], [3, 3, 64, 64], undefined, '6 rows by patches'],
    ["LeNet's first layer", [64, 28, 28, 1], [5, 5, 1, 6], 24, '4 rows by bands'],
    ["LeNet's second layer", [64, 12, 12, 6], [5, 5, 6, 16], 8, '4 rows by bands'],
    ['seven rows', [10, 28, 28, 16], [7, 7, 16, 16], undefined, '2 rows by patches'],
    ["few examples of ResNet's last layer, where the filter is most of the work", [1, 4, 4, 512], [3, 3, 512, 512]],
    ['a filter of one row', [10, 28, 28, 16], [1, 5, 16, 16]],
    ['one pixel', [10, 28, 28, 16], [1, 1, 16, 16]],
  ])('has a plan for %s: %j with %j', (_, images, filter, size?: number, expected?: string) => {
    expect(plan(images, filter, size)).toBe(expected);
  });
});
