import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parameters } from '../../contracts/index.js';
import { weightedMean } from '../../parameters/index.js';
import { meanOfArrivals } from './updates.js';

const item = (...values: number[]): Parameters => ({
  w: { shape: [values.length], data: Float32Array.from(values) },
});

/** Some items in order, what they weigh, and the order in which they come. */
const arrivals = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.float({ noNaN: true, min: -9, max: 9 })), {
    minLength: 1,
    maxLength: 11,
  })
  .chain((drawn) => {
    const weights = drawn.map(([weight]) => weight);
    const items = drawn.map(([, value], place) => item(value, 1 / (place + 1)));
    const places = fc.shuffledSubarray([...items.keys()], { minLength: items.length });
    return places.map((asTheyCome) => ({ weights, items, asTheyCome }));
  });

describe('a mean that is added up while items come', () => {
  it('has the bits of the mean of all at once, in whatever order they come', () => {
    fc.assert(
      fc.property(arrivals, ({ weights, items, asTheyCome }) => {
        const mean = meanOfArrivals(weights);
        for (const place of asTheyCome) mean.arrive(place, items[place] ?? {});
        expect(mean.mean()).toEqual(weightedMean(items, weights));
      }),
    );
  });

  it('is not there where one did not come', () => {
    const mean = meanOfArrivals([1, 3]);
    mean.arrive(1, item(-1));
    expect(mean.mean()).toBeUndefined();
  });
});
