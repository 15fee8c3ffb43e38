import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coordinateWise, weightedMean } from './index.js';

const values = (data: readonly number[]) => ({ w: { shape: [data.length], data: Float32Array.from(data) } });
const float = fc.float({ noNaN: true, min: -100, max: 100 });
/** Some items of one length, beyond a block. */
const items = fc
  .integer({ min: 1, max: 150 })
  .chain((length) =>
    fc.array(fc.array(float, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 9 }),
  );

describe('reductions over items', () => {
  it('sum one item after the other, each sum rounded to float32', () => {
    fc.assert(
      fc.property(items, (all) => {
        const weights = all.map((_, k) => k + 1);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const expected = all.reduce(
          (sum, data, k) => sum.map((value, i) => value + ((weights[k] ?? 0) / total) * Math.fround(data[i] ?? 0)),
          new Float32Array(all[0]?.length ?? 0),
        );
        expect(weightedMean(all.map(values), weights)['w']?.data).toEqual(expected);
      }),
    );
  });

  it('keep the sign of a sum that was rounded to zero', () => {
    const tiny = 2 * 1.401298464324817e-45;
    expect(weightedMean([values([tiny]), values([-tiny])], [1, 2])['w']?.data).toEqual(Float32Array.of(-0));
  });

  it('show each place the values of the items in their order', () => {
    fc.assert(
      fc.property(items, (all) => {
        const seen: number[][] = [];
        const last = coordinateWise(all.map(values), (place) => {
          seen.push([...place]);
          return place.fill(place[place.length - 1] ?? 0)[0] ?? 0;
        });
        const length = all[0]?.length ?? 0;
        expect(seen).toEqual(Array.from({ length }, (_, i) => all.map((data) => Math.fround(data[i] ?? 0))));
        expect([...(last['w']?.data ?? [])]).toEqual((all.at(-1) ?? []).map(Math.fround));
      }),
    );
  });
});
