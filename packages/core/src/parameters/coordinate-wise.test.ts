import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coordinateWise } from './index.js';

const values = (data: readonly number[]) => ({ w: { shape: [data.length], data: Float32Array.from(data) } });
const float = fc.float({ noNaN: true, min: -100, max: 100 });
/** Some items of one length, beyond a block. */
const items = fc
  .integer({ min: 1, max: 150 })
  .chain((length) =>
    fc.array(fc.array(float, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 9 }),
  );

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
