/**
 * Convolutions by minimal filters down the columns of images: several rows of the output at a time, each the sum over the
 * height of the filter. What is summed beside that, over its width and the channels, stays a product of matrices, one for
 * each point. Two dimensions at once would take still fewer products, of shorter rows and with larger errors.
 */
import { type OpAttributes, operand, type Pair, type Shape, sizeOf, type Value, type ValueOf } from '../../ir/index.js';
import { inPlace, type Site } from './gather-patches.js';
import { imagesAtATime, rowsOfGroups, sumOfGroups } from './groups.js';
import { countPlaces, isPlain, type Placement } from './patches.js';
import { columnsOfWindows, placesOfTiles, rowsOfTiles, type Tiles } from './tiles.js';
import { type MinimalFilter, MOST_POINTS, minimalFilter } from './toom-cook.js';

/** A sum over windows that move by steps of one: a convolution, or the gradient of one's inputs. */
interface Correlation {
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

/** With the filter that computes it. */
interface Plan extends Correlation {
  readonly minimal: MinimalFilter;
}

/** Of images of fewer channels the patches that a product takes are gathered in fewer copies. */
const FEWEST_CHANNELS = 4;
/** The gradient of inputs of fewer channels is a product of few columns. */
const FEWEST_INPUTS = 8;
/** How many products take as long as one element that is copied or transformed. */
const PRODUCTS_A_COPY = 16;
/** Elements of the patches of images that are computed together: two megabytes of cache. */
const CACHED_PATCHES = 2 ** 19;

const product = { transposeA: false, transposeB: false, alpha: 1 } as const;

/** Undefined where the product of patches is quicker, here and in the gradients. */
export function winogradConvolution(site: Site, value: ValueOf<'conv2d'>, placement: Placement): Value | undefined {
  const [x, filter] = [operand(site.operands, 0), operand(site.operands, 1)];
  const plan = planForward(x.shape, filter.shape, placement, value.attributes);
  if (plan === undefined) return undefined;
  const made = correlate(site, x, filter, plan, placement);
  return isPlain(placement) ? site.builder.make('reshape', [made], { shape: value.shape }) : made;
}

export function winogradFilterGradient(
  site: Site,
  { attributes }: ValueOf<'conv2dFilterGradient'>,
  placement: Placement,
): Value | undefined {
  const { builder, operands } = site;
  const x = operand(operands, 0);
  const { filterShape } = attributes;
  const plan = planForward(x.shape, filterShape, placement, { ...attributes, dilations: [1, 1] });
  if (plan === undefined) return undefined;
  const [batch = 1] = x.shape;
  const { points, taps, ofTaps } = plan.minimal;
  const [, width = 1, channels = 1, outputs = 1] = filterShape;
  const dy = inPlace(site, operand(operands, 1), batch, placement);
  const groups = batch / groupSize(plan);
  const sum = sumOfGroups(builder, [points, width * channels, outputs], groups, [x, dy], (images, gradients) =>
    builder.make('matmul', [transformedPatches(site, images, plan), gradientOfProducts(site, gradients, plan)], {
      ...product,
      transposeA: true,
    }),
  );
  const made = transform(site, transposed(ofTaps, [points, taps]), [taps, points], sum);
  return builder.make('reshape', [made], { shape: filterShape });
}

/** The output's gradient, correlated with the turned filter. */
export function winogradInputGradient(
  site: Site,
  { attributes }: ValueOf<'conv2dInputGradient'>,
  placement: Placement,
): Value | undefined {
  const { builder, operands } = site;
  const [dy, filter] = [operand(operands, 0), operand(operands, 1)];
  const { strides, paddings, inputShape } = attributes;
  const [height = 1, width = 1, inputs = 1, outputs = 1] = filter.shape;
  const [batch = 1, rows = 1, columns = 1] = inputShape;
  if (inputs < FEWEST_INPUTS || strides.some((stride) => stride > 1)) return undefined;
  const plan = planOf({
    images: [batch, placement.rows, placement.columns, outputs],
    filter: [height, width, outputs, inputs],
    places: [rows, columns],
    before: [height - 1 - paddings[0][0], width - 1 - paddings[1][0]],
    isTurned: true,
  });
  if (plan === undefined) return undefined;
  const turned = builder.make('transpose', [filter], { permutation: [0, 1, 3, 2] });
  const made = correlate(site, inPlace(site, dy, batch, placement), turned, plan, { rows, columns, pool: [1, 1] });
  return builder.make('reshape', [made], { shape: inputShape });
}

function planForward(
  images: Shape,
  filter: Shape,
  { rows, columns }: Placement,
  { strides, dilations, paddings }: OpAttributes['conv2d'],
): Plan | undefined {
  if ([...strides, ...dilations].some((step) => step > 1)) return undefined;
  const before = [paddings[0][0], paddings[1][0]] as const;
  return planOf({ images, filter, places: [rows, columns], before, isTurned: false });
}

/** With the filter that is quickest; undefined where the plain sum is. */
function planOf(correlation: Correlation): Plan | undefined {
  const { images, filter, places } = correlation;
  const [batch = 1, , width = 1, channels = 1] = images;
  const [taps = 1, across = 1, , outputs = 1] = filter;
  const [rows, columns] = places;
  if (channels < FEWEST_CHANNELS) return undefined;
  // Patches are copied once and take part in a product; what is transformed is read and written once more.
  const timeOf = (patches: number, transformed: number): number =>
    patches * (outputs + PRODUCTS_A_COPY) + transformed * 2 * PRODUCTS_A_COPY;
  let best: MinimalFilter | undefined;
  let shortest = timeOf(batch * rows * columns * taps * across * channels, 0);
  for (let together = 2; together + taps - 1 <= MOST_POINTS; together++) {
    const points = together + taps - 1;
    const tiles = batch * Math.ceil(rows / together);
    const ofImages = tiles * (points * width * channels + together * columns * outputs);
    const ofFilter = points * across * channels * outputs;
    const time = timeOf(points * tiles * columns * across * channels, ofImages + ofFilter);
    if (time >= shortest) continue;
    shortest = time;
    best = minimalFilter(together, taps);
  }
  return best && { ...correlation, minimal: best };
}

/** The rows of the output's places, as `placement` orders them. */
function correlate(site: Site, x: Value, filter: Value, plan: Plan, placement: Placement): Value {
  const { builder, table } = site;
  const { points, outputs: step, taps, ofTaps, ofProducts } = plan.minimal;
  const [batch = 1] = plan.images;
  const [, width = 1, channels = 1, outputs = 1] = plan.filter;
  const rowsOfTaps = plan.isTurned ? reversed(ofTaps, taps) : ofTaps;
  const transformed = transform(site, rowsOfTaps, [points, taps], filter);
  const factors = builder.make('reshape', [transformed], { shape: [points, width * channels, outputs] });
  const count = groupSize(plan);
  const places = countPlaces(placement);
  const order = table(JSON.stringify(['places', count, step, placement]), () => placesOfTiles(count, step, placement), [
    isPlain(placement) ? count * placement.rows : count * places,
  ]);
  return rowsOfGroups(builder, [batch * places, outputs], batch / count, x, (images) => {
    const products = builder.make('matmul', [transformedPatches(site, images, plan), factors], product);
    const made = transform(site, ofProducts, [step, points], products);
    const length = isPlain(placement) ? placement.columns * outputs : outputs;
    const rows = builder.make('reshape', [made], { shape: [sizeOf(made.shape) / length, length] });
    const ordered = builder.make('gather', [rows, order], { axis: 0 });
    return builder.make('reshape', [ordered], { shape: [count * places, outputs] });
  });
}

/** How many images are computed together. */
function groupSize({ images, filter, places, minimal }: Plan): number {
  const [batch = 1] = images;
  const [, width = 1, channels = 1] = filter;
  const rows = Math.ceil(places[0] / minimal.outputs) * places[1];
  const patches = minimal.points * rows * width * channels;
  return imagesAtATime(batch, { patches, rows, filter: sizeOf(filter) }, CACHED_PATCHES);
}

/** What the products take of images: a matrix for each point, `[points, tiles * columns, width of the filter * channels]`. */
function transformedPatches(site: Site, x: Value, plan: Plan): Value {
  const { builder, table } = site;
  const { filter, places, before, isTurned, minimal } = plan;
  const { points, outputs: step, ofInputs } = minimal;
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [, size = 1] = filter;
  const perImage = Math.ceil(places[0] / step);
  const tiles = { batch, height, perImage, step, rows: points, before: before[0] };
  const values = transform(site, ofInputs, [points, points], gatherTiles(site, x, 1, tiles));
  const pixels = builder.make('reshape', [values], { shape: [points * batch * perImage, width + 1, channels] });
  const windows = { width, places: places[1], size, before: before[1], isTurned };
  const columns = table(JSON.stringify(windows), () => columnsOfWindows(windows), [places[1], size]);
  const patches = builder.make('gather', [pixels, columns], { axis: 1 });
  return builder.make('reshape', [patches], { shape: [points, batch * perImage * places[1], size * channels] });
}

/** The gradient of the products at all points, `[points, tiles * columns, channels]`, of that of the output's images. */
function gradientOfProducts(site: Site, dy: Value, { minimal: { points, outputs: step, ofProducts } }: Plan): Value {
  const [batch = 1, height = 1, width = 1, channels = 1] = dy.shape;
  const perImage = Math.ceil(height / step);
  const gathered = gatherTiles(site, dy, 0, { batch, height, perImage, step, rows: step, before: 0 });
  const made = transform(site, transposed(ofProducts, [step, points]), [points, step], gathered);
  return site.builder.make('reshape', [made], { shape: [points, batch * perImage * width, channels] });
}

/** Rows of the tiles of images, `[rows of a tile, tiles, row of pixels]`, each with so many pixels of zeros at its end. */
function gatherTiles({ builder, table }: Site, x: Value, pixels: number, tiles: Tiles): Value {
  const { batch, height, perImage, rows } = tiles;
  const padded = builder.make('pad', [x], {
    paddings: [
      [0, 0],
      [0, 1],
      [0, pixels],
      [0, 0],
    ],
    value: 0,
  });
  const images = builder.make('reshape', [padded], {
    shape: [batch * (height + 1), sizeOf(padded.shape) / batch / (height + 1)],
  });
  const indices = table(JSON.stringify(tiles), () => rowsOfTiles(tiles), [rows, batch * perImage]);
  return builder.make('gather', [images, indices], { axis: 0 });
}

/** A small matrix times `x`, whose first axis it sums over. */
function transform({ builder }: Site, matrix: Float32Array, [rows, columns]: Pair, x: Value): Value {
  const flat = builder.make('reshape', [x], { shape: [columns, sizeOf(x.shape) / columns] });
  return builder.make('matmul', [builder.constant(matrix, [rows, columns]), flat], product);
}

function transposed(matrix: Float32Array, [rows, columns]: Pair): Float32Array {
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
}

/** Each row of so many columns from its end to its beginning. */
function reversed(matrix: Float32Array, columns: number): Float32Array {
  return matrix.map((_, i) => matrix[i - (i % columns) + columns - 1 - (i % columns)] ?? 0);
}
