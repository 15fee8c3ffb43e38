import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countPlaces,
  describeRuns,
  gradientPatches,
  inputPatches,
  type Placement,
  placeNumbers,
  runElements,
  runNumbers,
} from './patches.js';

const unpadded = {
  strides: [1, 1],
  dilations: [1, 1],
  paddings: [
    [0, 0],
    [0, 0],
  ],
} as const;
const padded = {
  ...unpadded,
  paddings: [
    [1, 1],
    [1, 1],
  ],
} as const;
const plain = (batch: number, rows: number, columns: number): Placement => ({ batch, rows, columns, pool: [1, 1] });

const sides = fc.integer({ min: 1, max: 3 });
const pairs = fc.tuple(sides, sides);
/** Images, a filter's size, a window and the pool that follows. */
const convolutions = fc.record({
  batch: sides,
  channels: sides,
  rows: fc.integer({ min: 1, max: 5 }),
  columns: fc.integer({ min: 1, max: 5 }),
  size: pairs,
  strides: pairs,
  dilations: pairs,
  before: pairs,
  pool: pairs,
});

describe('inputPatches', () => {
  it('numbers the pixels that each place sees: 2 by 2 on 2 by 3 pixels', () => {
    expect([...inputPatches([1, 2, 3, 1], [2, 2], unpadded, plain(1, 1, 2))]).toEqual([0, 1, 3, 4, 1, 2, 4, 5]);
  });

  it('says the number of the pixels beyond the border', () => {
    expect([...inputPatches([1, 1, 2, 1], [3, 3], padded, plain(1, 1, 2))]).toEqual([
      ...[2, 2, 2, 2, 0, 1, 2, 2, 2],
      ...[2, 2, 2, 0, 1, 2, 2, 2, 2],
    ]);
  });

  it('takes the first place of every window of a pool first, and leaves out what lies in none', () => {
    const placement: Placement = { batch: 1, rows: 1, columns: 5, pool: [1, 2] };
    expect(countPlaces(placement)).toBe(4);
    expect([...inputPatches([1, 1, 5, 1], [1, 1], unpadded, placement)]).toEqual([0, 2, 1, 3]);
    expect([...placeNumbers(placement, 9)]).toEqual([0, 2, 1, 3, 9]);
  });
});

describe('gradientPatches', () => {
  it('numbers the places that saw each pixel: 1 by 2 on 1 by 3 pixels', () => {
    const placement = plain(1, 1, 2);
    expect([...gradientPatches([1, 1, 3, 1], [1, 2], unpadded, placement)]).toEqual([0, 2, 1, 0, 2, 1]);
  });

  it('is the opposite of inputPatches, with places image by image: one is among those of each pixel that it sees', () => {
    fc.assert(
      fc.property(convolutions, ({ batch, rows, columns, size, before, pool }) => {
        const window = {
          ...unpadded,
          paddings: [
            [before[0], 0],
            [before[1], 0],
          ],
        } as const;
        const placement: Placement = { batch, rows, columns, pool };
        const [height, width] = [rows + size[0] - 1, columns + size[1] - 1];
        const images = [batch, height, width, 1];
        const [places, elements] = [countPlaces(placement), size[0] * size[1]];
        const ofImage = inputPatches([1, height, width, 1], size, window, { ...placement, batch: 1 });
        const seen = Int32Array.from({ length: places * elements }, (_, i) => {
          const pixel = ofImage[i % ofImage.length] ?? 0;
          return pixel === height * width
            ? batch * height * width
            : Math.floor(i / ofImage.length) * height * width + pixel;
        });
        const by = gradientPatches(images, size, window, placement);
        const pairsOf = (table: Int32Array, none: number, turn: boolean): string[] =>
          [...table]
            .map((value, i) => ({ value, place: Math.floor(i / elements), element: i % elements }))
            .filter(({ value }) => value !== none)
            .map(({ value, place, element }) =>
              turn ? `${value} ${place} ${element}` : `${place} ${value} ${element}`,
            )
            .sort();
        expect(pairsOf(by, places, true)).toEqual(pairsOf(seen, batch * height * width, false));
      }),
    );
  });
});

describe('runs', () => {
  it('gather what inputPatches does, turned, an element of the pixel each', () => {
    fc.assert(
      fc.property(convolutions, ({ batch, channels, rows, columns, size, strides, dilations, before, pool }) => {
        const window = {
          strides,
          dilations,
          paddings: [
            [before[0], 0],
            [before[1], 0],
          ],
        } as const;
        const placement: Placement = { batch, rows, columns, pool };
        const images = [batch, rows + 2, columns + 1, channels];
        const none = batch * (rows + 2) * (columns + 1);
        const expected = inputPatches(images, size, window, placement);
        const runs = describeRuns(images, size, window, placement);
        const [elements, numbers] = [runElements(runs), runNumbers(runs)];
        expect([elements.length, numbers.length]).toEqual([runs.count * runs.length, runs.filterElements * runs.rows]);
        const gathered = [...numbers].flatMap((run) => [...elements.slice(run * runs.length, (run + 1) * runs.length)]);
        const filter = size[0] * size[1];
        const turned = Array.from({ length: filter * channels }, (_, element) =>
          Array.from({ length: countPlaces(placement) }, (_place, place) => {
            const pixel = expected[place * filter + Math.floor(element / channels)] ?? -1;
            return pixel === none ? none * channels : pixel * channels + (element % channels);
          }),
        );
        expect(gathered).toEqual(turned.flat());
      }),
    );
  });
});
