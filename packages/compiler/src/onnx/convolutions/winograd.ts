/**
 * Convolutions by minimal filters down the columns of images: several rows of the output at a time, each the sum over the
 * height of the filter. What is summed beside that, over its width and the channels, stays a product of matrices, one for
 * each point. Two dimensions at once would take still fewer products, of shorter rows and with larger errors.
 */
import { type OpAttributes, operand, type Pair, type Shape, sizeOf, type Value, type ValueOf } from '../../ir/index.js';
import { waysAcross } from './across.js';
import { inPlace, product, type Site, scaledInput } from './gather-patches.js';
import { rowsOfGroups, sumOfGroups } from './groups.js';
import { countPlaces, isPlain, type Placement } from './patches.js';
import { FEWEST_CHANNELS } from './placements.js';
import { groupSize, type Plan, planOf } from './plan.js';
import { placesOfTiles, rowsOfTiles, type Tiles } from './tiles.js';

/** Undefined where one product of patches is quicker, here and in the gradients. */
export function winogradConvolution(site: Site, value: ValueOf<'conv2d'>, placement: Placement): Value | undefined {
  const [x, filter] = [operand(site.operands, 0), operand(site.operands, 1)];
  const plan = planForward(x.shape, filter.shape, placement, value.attributes);
  if (plan === undefined) return undefined;
  const { images, scale } = withoutScale(site, x);
  const made = correlate(site, images, scale(filter), plan, placement);
  return isPlain(placement) ? site.builder.make('reshape', [made], { shape: value.shape }) : made;
}

export function winogradFilterGradient(
  site: Site,
  { attributes }: ValueOf<'conv2dFilterGradient'>,
  placement: Placement,
): Value | undefined {
  const { builder, operands } = site;
  const { images: x, scale } = withoutScale(site, operand(operands, 0));
  const { filterShape } = attributes;
  const plan = planForward(x.shape, filterShape, placement, { ...attributes, dilations: [1, 1] });
  if (plan === undefined) return undefined;
  const [batch = 1] = x.shape;
  const { points, taps, ofTaps } = plan.minimal;
  const way = waysAcross[plan.across];
  const dy = inPlace(site, operand(operands, 1), batch, placement);
  const shape = [points, ...way.factorShape(plan)];
  const sum = sumOfGroups(builder, shape, batch / groupSize(plan), [x, dy], (images, gradients) =>
    builder.make('matmul', [leftFactor(site, images, plan), gradientOfProducts(site, gradients, plan)], {
      ...product,
      transposeA: true,
    }),
  );
  const ofFilter = way.gradientOfFilter(site, sum, plan);
  const made = transform(site, transposed(ofTaps, [points, taps]), [taps, points], ofFilter);
  return scale(builder.make('reshape', [made], { shape: filterShape }));
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
  if (inputs < FEWEST_CHANNELS || strides.some((stride) => stride > 1)) return undefined;
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

/** Images without the constant that they are multiplied by; the filter, or its gradient, takes it instead. */
function withoutScale(
  { builder }: Site,
  x: Value,
): { readonly images: Value; readonly scale: (filter: Value) => Value } {
  const scaled = scaledInput(x);
  if (scaled === undefined) return { images: x, scale: (filter) => filter };
  return {
    images: builder.make('reshape', [scaled.input], { shape: x.shape }),
    scale: (filter) => builder.make('mul', [filter, builder.scalar(scaled.factor)], {}),
  };
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

/** The rows of the output's places, as `placement` orders them. */
function correlate(site: Site, x: Value, filter: Value, plan: Plan, placement: Placement): Value {
  const { builder, table } = site;
  const { points, outputs: step, taps, ofTaps, ofProducts } = plan.minimal;
  const [batch = 1] = plan.images;
  const [, , , outputs = 1] = plan.filter;
  const rowsOfTaps = plan.isTurned ? reversed(ofTaps, taps) : ofTaps;
  const transformed = transform(site, rowsOfTaps, [points, taps], filter);
  const factors = waysAcross[plan.across].ofFilter(site, transformed, plan);
  const count = groupSize(plan);
  const places = countPlaces(placement);
  const order = table(JSON.stringify(['places', count, step, placement]), () => placesOfTiles(count, step, placement), [
    isPlain(placement) ? count * placement.rows : count * places,
  ]);
  return rowsOfGroups(builder, [batch * places, outputs], batch / count, x, (images) => {
    const products = builder.make('matmul', [leftFactor(site, images, plan), factors], product);
    const made = transform(site, ofProducts, [step, points], products);
    const length = isPlain(placement) ? placement.columns * outputs : outputs;
    const rows = builder.make('reshape', [made], { shape: [sizeOf(made.shape) / length, length] });
    const ordered = builder.make('gather', [rows, order], { axis: 0 });
    return builder.make('reshape', [ordered], { shape: [count * places, outputs] });
  });
}

/** Of the images the left factor of the products, `[points, …]`. */
function leftFactor(site: Site, x: Value, plan: Plan): Value {
  const { places, before, minimal, across } = plan;
  const { points, outputs: step, ofInputs } = minimal;
  const [batch = 1, height = 1] = x.shape;
  const tiles = { batch, height, perImage: Math.ceil(places[0] / step), step, rows: points, before: before[0] };
  const gathered = gatherTiles(site, x, waysAcross[across].zeros, tiles);
  return waysAcross[across].ofImages(site, transform(site, ofInputs, [points, points], gathered), plan);
}

/** The gradient of the products, `[points, …]`, of that of the output's images. */
function gradientOfProducts(site: Site, dy: Value, plan: Plan): Value {
  const { minimal, across } = plan;
  const { points, outputs: step, ofProducts } = minimal;
  const [batch = 1, height = 1] = dy.shape;
  const perImage = Math.ceil(height / step);
  const gathered = gatherTiles(site, dy, 0, { batch, height, perImage, step, rows: step, before: 0 });
  const made = transform(site, transposed(ofProducts, [step, points]), [points, step], gathered);
  const [, columns] = waysAcross[across].factorShape(plan);
  return site.builder.make('reshape', [made], { shape: [points, sizeOf(made.shape) / points / columns, columns] });
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
