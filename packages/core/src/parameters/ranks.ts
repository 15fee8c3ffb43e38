import type { Parameters } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { assertSameShapes, build, dataOf } from './arithmetic.js';
import { blocksOf } from './blocks.js';
import { partitioningNetwork, UNIT_BYTES, unitsOf } from './sorting-network.js';

/**
 * In each place by itself, the mean of the values of ranks `from` to before `to` among those of all items in ascending
 * order, ranks from 0. So the middle rank is the median, the two in the middle are that of an even number, and
 * `cut` to `items.length - cut` is the trimmed mean. Sums are float64. Values must be finite.
 *
 * Throws FEDX_PLUGIN_FAILED where shapes differ, and for ranks that are not among the items'.
 */
export function meanOfRanks(items: readonly Parameters[], from: number, to: number): Parameters {
  const [first] = items;
  const count = items.length;
  if (first === undefined || !(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= count))
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `parameters.meanOfRanks cannot take ranks ${from} to before ${to} of ${count} items.`,
    );
  items.forEach((item) => {
    assertSameShapes('meanOfRanks', first, item);
  });

  const network = partitioningNetwork(count, from, to);
  const kept = Array.from({ length: to - from }, (_, k) => from + k);
  const { kernels, stride, out, room, integers, each, load, store, parts } = blocksOf({
    rows: count,
    room: UNIT_BYTES * network.length + 4 * kept.length,
  });
  const keptAt = room + UNIT_BYTES * network.length;
  integers.set(unitsOf(network, stride), room / 4);
  integers.set(
    kept.map((row) => row * stride),
    keptAt / 4,
  );
  return build(first, (mean, _, name) => {
    const rows = items.map((item) => dataOf(item, name));
    each(mean.length, (begin, end, length) => {
      load(rows, begin, end);
      parts(length, (start, size) => {
        if (network.length > 0) kernels.exchange(room, keptAt, start, size);
        kernels.meanOfRows(keptAt, keptAt + 4 * kept.length, start, size, out + start, kept.length);
      });
      store(mean, begin, end);
    });
  });
}
