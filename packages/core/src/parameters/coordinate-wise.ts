/** One value from the values that many sets of parameters have in a place. */
import type { Parameters } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { assertSameShapes, build, dataOf } from './arithmetic.js';
import { blocksOf } from './blocks.js';
import { type Network, sortingNetwork, UNIT_BYTES, unitsOf } from './sorting-network.js';

/** Places that are looked at together: their values of 100 items fit the fastest cache. */
const BLOCK = 64;

/** Places that are sorted together: read in long runs. */
const SORTED = 2048;

/**
 * One value from the values that all items have in a place, place by place. `choose` gets them in the order of the items, or
 * in ascending order, in an array that it may change. Values to sort must be finite.
 */
export function coordinateWise(
  items: readonly Parameters[],
  choose: (values: Float32Array) => number,
  order: 'items' | 'ascending' = 'items',
): Parameters {
  const [first] = items;
  if (first === undefined)
    throw new FedxError('FEDX_PLUGIN_FAILED', 'parameters.coordinateWise needs at least one item.');
  items.forEach((item) => {
    assertSameShapes('coordinateWise', first, item);
  });
  const count = items.length;
  const block = new Float32Array(BLOCK * count);
  const columns = Array.from({ length: BLOCK }, (_, i) => block.subarray(i * count, (i + 1) * count));
  const chooseEach = (rows: readonly Float32Array[], out: Float32Array): void => {
    for (let start = 0; start < out.length; start += BLOCK) {
      const places = Math.min(BLOCK, out.length - start);
      transpose(rows, start, places, block);
      for (let i = 0; i < places; i++) out[start + i] = choose(columns[i] ?? block);
    }
  };
  const network = order === 'ascending' ? sortingNetwork(count) : [];
  return build(first, (out, _, name) => {
    const rows = items.map((item) => dataOf(item, name));
    if (order === 'items') chooseEach(rows, out);
    else
      for (let start = 0; start < out.length; start += SORTED) {
        const end = Math.min(start + SORTED, out.length);
        chooseEach(sorted(rows, start, end, network), out.subarray(start, end));
      }
  });
}

/** The values `start` to before `end` of rows, sorted in each place: new rows, as whoever looks at them may use the kernels too. */
function sorted(rows: readonly Float32Array[], start: number, end: number, network: Network): readonly Float32Array[] {
  const bytes = UNIT_BYTES * network.length;
  const { kernels, stride, room, floats, integers, load, parts } = blocksOf({
    rows: rows.length,
    places: SORTED,
    room: bytes,
  });
  integers.set(unitsOf(network, stride), room / 4);
  load(rows, start, end);
  if (network.length > 0)
    parts(stride, (from, length) => {
      kernels.exchange(room, room + bytes, from, length);
    });
  return rows.map((_, k) => floats.slice((k * stride) / 4, (k * stride) / 4 + end - start));
}

/** Writes the values of some places to `block`, `[places, rows]`, in squares of four by four. */
function transpose(rows: readonly Float32Array[], start: number, places: number, block: Float32Array): void {
  const count = rows.length;
  const end = start + places;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const [a, b, c, d] = [rows[k] ?? block, rows[k + 1] ?? block, rows[k + 2] ?? block, rows[k + 3] ?? block];
    let i = start;
    let to = k;
    for (; i + 3 < end; i += 4, to += 4 * count) {
      const second = to + count;
      const third = second + count;
      const fourth = third + count;
      block[to] = a[i] ?? 0;
      block[second] = a[i + 1] ?? 0;
      block[third] = a[i + 2] ?? 0;
      block[fourth] = a[i + 3] ?? 0;
      block[to + 1] = b[i] ?? 0;
      block[second + 1] = b[i + 1] ?? 0;
      block[third + 1] = b[i + 2] ?? 0;
      block[fourth + 1] = b[i + 3] ?? 0;
      block[to + 2] = c[i] ?? 0;
      block[second + 2] = c[i + 1] ?? 0;
      block[third + 2] = c[i + 2] ?? 0;
      block[fourth + 2] = c[i + 3] ?? 0;
      block[to + 3] = d[i] ?? 0;
      block[second + 3] = d[i + 1] ?? 0;
      block[third + 3] = d[i + 2] ?? 0;
      block[fourth + 3] = d[i + 3] ?? 0;
    }
    for (; i < end; i++, to += count) {
      block[to] = a[i] ?? 0;
      block[to + 1] = b[i] ?? 0;
      block[to + 2] = c[i] ?? 0;
      block[to + 3] = d[i] ?? 0;
    }
  }
  for (; k < count; k++) {
    const row = rows[k] ?? block;
    for (let i = start, to = k; i < end; i++, to += count) block[to] = row[i] ?? 0;
  }
}
