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
const plain = (rows: number, columns: number): Placement => ({ rows, columns, pool: [1, 1] });

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
    expect([...inputPatches([2, 3], [2, 2], unpadded, plain(1, 2))]).toEqual([0, 1, 3, 4, 1, 2, 4, 5]);
  });

  it('says the number of the pixels beyond the border', () => {
    expect([...inputPatches([1, 2], [3, 3], padded, plain(1, 2))]).toEqual([
      ...[2, 2, 2, 2, 0, 1, 2, 2, 2],
      ...[2, 2, 2, 0, 1, 2, 2, 2, 2],
    ]);
  });

  it('takes the first place of every window of a pool first, and leaves out what lies in none', () => {
    const placement: Placement = { rows: 1, columns: 5, pool: [1, 2] };
    expect(countPlaces(placement)).toBe(4);
    expect([...inputPatches([1, 5], [1, 1], unpadded, placement)]).toEqual([0, 2, 1, 3]);
    expect([...placeNumbers(placement, 9)]).toEqual([0, 2, 1, 3, 9]);
  });
});

describe('gradientPatches', () => {
  it('numbers the places that saw each pixel: 1 by 2 on 1 by 3 pixels', () => {
    const placement = plain(1, 2);
    expect([...gradientPatches([1, 3], [1, 2], unpadded, placement)]).toEqual([0, 2, 1, 0, 2, 1]);
  });

  it('is the opposite of inputPatches: a place is among those of each pixel that it sees', () => {
    fc.assert(
      fc.property(convolutions, ({ rows, columns, size, before, pool }) => {
        const window = {
          ...unpadded,
          paddings: [
            [before[0], 0],
            [before[1], 0],
          ],
        } as const;
        const placement: Placement = { rows, columns, pool };
        const [height, width] = [rows + size[0] - 1, columns + size[1] - 1];
        const [places, elements] = [countPlaces(placement), size[0] * size[1]];
        const seen = inputPatches([height, width], size, window, placement);
        const by = gradientPatches([height, width], size, window, placement);
        const pairsOf = (table: Int32Array, none: number, turn: boolean): string[] =>
          [...table]
            .map((value, i) => ({ value, place: Math.floor(i / elements), element: i % elements }))
            .filter(({ value }) => value !== none)
            .map(({ value, place, element }) =>
              turn ? `${value} ${place} ${element}` : `${place} ${value} ${element}`,
            )
            .sort();
        expect(pairsOf(by, places, true)).toEqual(pairsOf(seen, height * width, false));
      }),
    );
  });
});

describe('runs', () => {
  it('gather what inputPatches does of each image, turned, an element of the pixel each', () => {
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
        const placement: Placement = { rows, columns, pool };
        const [height, width] = [rows + 2, columns + 1];
        const none = height * width;
        const expected = inputPatches([height, width], size, window, placement);
        const runs = describeRuns([height, width, channels], size, window, placement);
        const [elements, numbers] = [runElements(runs), runNumbers(runs, batch)];
        expect(elements.length).toBe(runs.count * runs.length);
        expect(numbers.length).toBe(runs.filterElements * batch * runs.rows);
        // Elements of an image and the zero behind them, the images one after the other.
        const gathered = [...numbers].flatMap((line) => {
          const [image, run] = [Math.floor(line / runs.count), line % runs.count];
          const ofRun = [...elements.slice(run * runs.length, (run + 1) * runs.length)];
          return ofRun.map((element) => (element === none * channels ? 'zero' : `${image} ${element}`));
        });
        const filter = size[0] * size[1];
        const turned = Array.from({ length: filter * channels }, (_, element) =>
          Array.from({ length: batch }, (_image, image) =>
            Array.from({ length: countPlaces(placement) }, (_place, place) => {
              const pixel = expected[place * filter + Math.floor(element / channels)] ?? -1;
              return pixel === none ? 'zero' : `${image} ${pixel * channels + (element % channels)}`;
            }),
          ),
        );
        expect(gathered).toEqual(turned.flat(2));
      }),
    );
  });
});
