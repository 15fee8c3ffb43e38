import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Update } from '../contracts/index.js';
import { createUpdates, meanOfArrivals } from './updates.js';

const update = (client: number, examples: number, ...values: number[]): Update => ({
  client,
  examples,
  delta: { w: { shape: [values.length], data: Float32Array.from(values) } },
  report: undefined,
  steps: 1,
  complete: true,
});

/** Some updates of clients in ascending order, and the same ones in the order in which they come. */
const arrivals = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.float({ noNaN: true, min: -9, max: 9 })), {
    minLength: 1,
    maxLength: 11,
  })
  .map((drawn) => drawn.map(([examples, value], k) => update(2 * k, examples, value, 1 / (k + 1))))
  .chain((inOrder) =>
    fc.shuffledSubarray(inOrder, { minLength: inOrder.length }).map((asTheyCome) => ({ inOrder, asTheyCome })),
  );

describe('the mean of updates that are added up as they come', () => {
  it('has the bits of the mean of all at once, in whatever order they come', () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom('examples' as const, 'uniform' as const), (all, weights) => {
        const { inOrder, asTheyCome } = all;
        const expected = meanOfArrivals(inOrder.toReversed(), weights);
        asTheyCome.forEach(expected.arrive);
        const updates = createUpdates(asTheyCome, weights, undefined, expected.mean());
        expect(updates.mean()).toEqual(createUpdates(inOrder, weights).mean());
      }),
    );
  });

  it('is by hand (1 * 3 + 3 * -1) / 4 = 0, and 1 where both weigh alike', () => {
    const two = [update(0, 1, 3), update(1, 3, -1)];
    const means = (['examples', 'uniform'] as const).map((weights) => {
      const arriving = meanOfArrivals(two, weights);
      two.forEach(arriving.arrive);
      return arriving.mean()?.result()['w']?.data;
    });
    expect(means).toEqual([Float32Array.of(0), Float32Array.of(1)]);
  });

  it('is not there where someone did not come', () => {
    const arriving = meanOfArrivals([update(0, 1, 3), update(1, 3, -1)], 'examples');
    arriving.arrive(update(1, 3, -1));
    expect(arriving.mean()).toBeUndefined();
  });

  it('is given anew to whoever asks again, and to nobody who asks for another one', () => {
    const one = update(0, 2, 3);
    const arriving = meanOfArrivals([one], 'examples');
    arriving.arrive(one);
    const updates = createUpdates([one], 'examples', undefined, arriving.mean());
    const first = updates.mean()['w']?.data ?? new Float32Array();
    first[0] = 100;
    expect(updates.mean()['w']?.data).toEqual(Float32Array.of(3));
    const twice = { w: { shape: [1], data: Float32Array.of(6) } };
    expect(updates.mean(() => twice)).toEqual(twice);
  });
});
