/** Distances between many sets of parameters. */
import type { Parameters } from '../contracts/index.js';
import { assertSameShapes, dataOf } from './arithmetic.js';

/** Places that are looked at together: their values of 100 items fit a fast cache. */
const BLOCK = 64;

/**
 * Squared Euclidean distances between all items, `[items][items]`, over all tensors and in float64. Eight pairs at once, so
 * that what is read serves several of them.
 */
export function squaredDistances(items: readonly Parameters[]): readonly Float64Array[] {
  const [first = {}] = items;
  items.forEach((item) => {
    assertSameShapes('squaredDistances', first, item);
  });
  // Filled up with zeros to whole tiles.
  const width = Math.ceil(items.length / 4) * 4;
  const block = new Float64Array(BLOCK * width);
  const sums = new Float64Array(width * width);
  for (const [name, { data }] of Object.entries(first)) {
    const rows = items.map((item) => dataOf(item, name));
    for (let start = 0; start < data.length; start += BLOCK) {
      const places = Math.min(BLOCK, data.length - start);
      rows.forEach((row, k) => {
        for (let i = 0; i < places; i++) block[i * width + k] = row[start + i] ?? 0;
      });
      for (let row = 0; row < width; row += 4)
        for (let column = 0; column < row + 4; column += 2) addTile(sums, block, places, width, row, column);
    }
  }
  return items.map((_, i) =>
    Float64Array.from(items, (_, j) => sums[Math.max(i, j) * width + Math.min(i, j)] ?? Number.NaN),
  );
}

/** Adds the squared differences of items `row` to `row + 3` and `column`, `column + 1` in the places of a block. */
function addTile(
  sums: Float64Array,
  block: Float64Array,
  places: number,
  width: number,
  row: number,
  column: number,
): void {
  let a0 = 0;
  let a1 = 0;
  let b0 = 0;
  let b1 = 0;
  let c0 = 0;
  let c1 = 0;
  let d0 = 0;
  let d1 = 0;
  const end = places * width;
  for (let at = 0; at < end; at += width) {
    const x = block[at + column] ?? 0;
    const y = block[at + column + 1] ?? 0;
    const a = block[at + row] ?? 0;
    const b = block[at + row + 1] ?? 0;
    const c = block[at + row + 2] ?? 0;
    const d = block[at + row + 3] ?? 0;
    a0 += (a - x) * (a - x);
    a1 += (a - y) * (a - y);
    b0 += (b - x) * (b - x);
    b1 += (b - y) * (b - y);
    c0 += (c - x) * (c - x);
    c1 += (c - y) * (c - y);
    d0 += (d - x) * (d - x);
    d1 += (d - y) * (d - y);
  }
  const at = row * width + column;
  sums[at] = (sums[at] ?? 0) + a0;
  sums[at + 1] = (sums[at + 1] ?? 0) + a1;
  sums[at + width] = (sums[at + width] ?? 0) + b0;
  sums[at + width + 1] = (sums[at + width + 1] ?? 0) + b1;
  sums[at + 2 * width] = (sums[at + 2 * width] ?? 0) + c0;
  sums[at + 2 * width + 1] = (sums[at + 2 * width + 1] ?? 0) + c1;
  sums[at + 3 * width] = (sums[at + 3 * width] ?? 0) + d0;
  sums[at + 3 * width + 1] = (sums[at + 3 * width + 1] ?? 0) + d1;
}
