import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coordinateWise, weightedMean } from './index.js';

const values = (data: readonly number[]) => ({ w: { shape: [data.length], data: Float32Array.from(data) } });
const float = fc.float({ noNaN: true, min: -100, max: 100 });
/** Some items of one length, beyond a block. */
const items = fc
  .integer({ min: 1, max: 150 })
  .chain((length) =>
    fc.array(fc.array(float, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 9 }),
  );

/** Items as long as several blocks that are sorted, by a table that repeats. */
const longItems = fc
  .integer({ min: 1, max: 40 })
  .chain((count) => fc.array(fc.array(float, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 20 }))
  .map((columns) => {
    const length = 4099;
    const at = (place: number) => columns[(place * 7) % columns.length] ?? [];
    return (columns[0] ?? []).map((_, k) => Array.from({ length }, (__, place) => at(place)[k] ?? 0));
  });

it('each place sees its values in ascending order where that is asked for, whatever is done with them', () => {
  fc.assert(
    fc.property(fc.oneof(items, longItems), (all) => {
      const wrong: number[] = [];
      let place = 0;
      const second = coordinateWise(
        all.map(values),
        (found) => {
          const expected = Float32Array.from(all, (data) => data[place] ?? 0).sort();
          if (!expected.every((value, k) => found[k] === value)) wrong.push(place);
          // It may use the same kernels.
          if (place++ % 1000 === 0) weightedMean([values([...found])], [1]);
          return found.fill(expected[1] ?? 0)[0] ?? 0;
        },
        'ascending',
      );
      expect(wrong).toEqual([]);
      expect(second['w']?.data.length).toBe(all[0]?.length);
    }),
    { numRuns: 30 },
  );
});

it('each place sees the values of the items in their order', () => {
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
