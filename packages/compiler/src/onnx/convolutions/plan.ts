/** Which way a convolution, or a gradient of one, is computed by minimal filters. By shape alone, never by timing. */
import { type Pair, type Shape, sizeOf } from '../../ir/index.js';
import { imagesAtATime } from './groups.js';
import { type MinimalFilter, MOST_POINTS, minimalFilter } from './toom-cook.js';

/** A sum over windows that move by steps of one: a convolution, or the gradient of one's inputs. */
export interface Correlation {
  /** `[batch, height, width, channels]` */
  readonly images: Shape;
  /** `[height, width, channels, outputs]` */
  readonly filter: Shape;
  /** Rows and columns of the output. */
  readonly places: Pair;
  /** By how much the first window begins above and to the left of the images; negative where it begins within them. */
  readonly before: Pair;
  /** Whether the filter is turned by half a circle, as that of a gradient is. */
  readonly isTurned: boolean;
}

export interface Plan extends Correlation {
  readonly minimal: MinimalFilter;
  /** How what lies side by side is summed: of patches that are gathered, or of whole rows with a filter that is mostly zeros. */
  readonly across: 'patches' | 'bands';
}

/** Times are in multiplications of a large product of matrices: of a copy, and of each of the elements copied. */
const [COPY, COPIED] = [256, 8];
/** Of an element that is transformed, and gathered before or after. */
const TRANSFORMED = 32;
/** A product with fewer columns takes as long as with these. */
const FEWEST_COLUMNS = 16;
/** Elements of the patches of images that are computed together: two megabytes of cache. */
const CACHED_PATCHES = 2 ** 19;

const timeOfCopies = (count: number, length: number): number => count * (COPY + COPIED * length);
const timeOfProduct = (rows: number, inner: number, columns: number): number =>
  rows * inner * Math.max(columns, FEWEST_COLUMNS);

/** The quickest plan; undefined where one product of patches is quicker than all, as for filters of one row. */
export function planOf(correlation: Correlation): Plan | undefined {
  const [taps = 1] = correlation.filter;
  if (taps === 1) return undefined;
  let best: { readonly together: number; readonly across: Plan['across'] } | undefined;
  let shortest = timeWithoutPlan(correlation);
  for (let together = 2; together + taps - 1 <= MOST_POINTS; together++)
    for (const across of ['patches', 'bands'] as const) {
      const time = timeOf(correlation, together, across);
      if (time >= shortest) continue;
      shortest = time;
      best = { together, across };
    }
  return best && { ...correlation, minimal: minimalFilter(best.together, taps), across: best.across };
}

/** Of one product of patches, which are gathered pixel by pixel, or of few channels by runs of a row. */
function timeWithoutPlan({ images, filter, places }: Correlation): number {
  const [batch = 1, height = 1, , channels = 1] = images;
  const [taps = 1, size = 1, , outputs = 1] = filter;
  const [rows, columns] = places;
  const pixels = timeOfCopies(rows * columns * taps * size, channels);
  const runs =
    timeOfCopies(rows * taps * size * channels, columns) + timeOfCopies(height * size * columns * channels, 1);
  return batch * (Math.min(pixels, runs) + timeOfProduct(rows * columns, taps * size * channels, outputs));
}

/** With so many rows of the output computed together. */
function timeOf({ images, filter, places }: Correlation, together: number, across: Plan['across']): number {
  const [batch = 1, , width = 1, channels = 1] = images;
  const [taps = 1, size = 1, , outputs = 1] = filter;
  const [rows, columns] = places;
  const points = together + taps - 1;
  const tiles = batch * Math.ceil(rows / together);
  const ofImages = tiles * (points * width * channels + together * columns * outputs);
  const ofFilter = points * size * channels * outputs;
  if (across === 'patches')
    return (
      timeOfCopies(tiles * points * columns * size, channels) +
      timeOfProduct(tiles * points * columns, size * channels, outputs) +
      TRANSFORMED * (ofImages + ofFilter)
    );
  const ofBands = points * width * columns * channels * outputs;
  return (
    timeOfProduct(tiles * points, width * channels, columns * outputs) +
    timeOfProduct(points * width * columns, size, channels * outputs) +
    TRANSFORMED * (ofImages + ofFilter + ofBands)
  );
}

/** How many images are computed together. */
export function groupSize({ images, filter, places, minimal, across }: Plan): number {
  const [batch = 1, , width = 1, channels = 1] = images;
  const [, size = 1] = filter;
  const tiles = Math.ceil(places[0] / minimal.outputs);
  const [rows, inner] = across === 'bands' ? [tiles, width] : [tiles * places[1], size];
  const patches = minimal.points * rows * inner * channels;
  return imagesAtATime(batch, { patches, rows, filter: sizeOf(filter) }, CACHED_PATCHES);
}
