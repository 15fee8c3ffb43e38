import {
  type Builder,
  type Graph,
  type OpAttributes,
  operand,
  type Rule,
  rewrite,
  type Shape,
  sizeOf,
  type Value,
  type ValueOf,
} from '../ir/index.js';
import { patchesOf, rowsOf, type Site, withZeroRows } from './gather-patches.js';
import { rowsOfGroups, sumOfGroups } from './groups.js';
import { countPlaces, gradientPatches, isPlain, type Placement, placeNumbers } from './patches.js';
import { FEWEST_CHANNELS, findPlacements, isLarge, isLeft, plain } from './placements.js';

/** Elements of the patches of images that are computed together: about a megabyte of cache. */
const CACHED_PATCHES = 2 ** 18;
/** The same where every group's product is added to a sum, which takes a copy or two. */
const SUMMED_PATCHES = 2 ** 20;
/** A filter of more elements is read so long that products with it need {@link FEWEST_PLACES} to pay for it. */
const SMALL_FILTER = 2 ** 18;
const FEWEST_PLACES = 512;

/**
 * Convolutions as products: the patches that the windows see are gathered into a matrix, of which the filter is the
 * other factor as it is stored. The gradient of the filter takes the same patches, where they are not too many to be kept;
 * otherwise both gather them, of as many images at a time as the cache holds. Where a pool follows whose windows
 * lie side by side, patches come in the order of the places within a window, so that the pool is a maximum of slices
 * and its gradient needs no scattering. By shape alone, never by timing.
 */
export function expandConvolutions(graph: Graph): Graph {
  const placements = findPlacements(graph);
  const tables = new Map<string, Value>();
  const expand: Rule = (value, operands, builder) => {
    const table = (key: string, make: () => Int32Array, shape: readonly number[]): Value => {
      const known = tables.get(key) ?? builder.constant(make(), shape);
      tables.set(key, known);
      return known;
    };
    const site = { builder, operands, table };
    switch (value.op) {
      case 'conv2d':
        return convolution(site, value, placementOf(value));
      case 'conv2dFilterGradient':
        return filterGradient(site, value, placementOf(operand(value.operands, 1)));
      case 'conv2dInputGradient':
        return inputGradient(site, value, placementOf(operand(value.operands, 0)));
      case 'maxPool':
        return placements.has(operand(value.operands, 0)) ? pool(site, value) : undefined;
      case 'maxPoolGradient':
        return placements.has(value) ? poolGradient(site, value) : undefined;
      default:
        return undefined;
    }
  };
  const placementOf = (value: Value): Placement => placements.get(value) ?? plain(value);
  return rewrite(graph, expand);
}

const product = { transposeA: false, transposeB: false, alpha: 1 } as const;

function convolution(site: Site, value: ValueOf<'conv2d'>, placement: Placement): Value | undefined {
  if (isLeft(value)) return undefined;
  const { builder, operands } = site;
  const [x, filter] = [operand(operands, 0), operand(operands, 1)];
  const [batch = 1] = x.shape;
  const size = [filter.shape[0] ?? 1, filter.shape[1] ?? 1] as const;
  const rows = rowsOf(builder, filter);
  const productOf = (images: Value): Value => {
    const { matrix, isTurned } = patchesOf(site, images, size, value.attributes, placement);
    return builder.make('matmul', [matrix, rows], { ...product, transposeA: isTurned });
  };
  const places = countPlaces(placement);
  const count = isLarge(value) ? imagesAtATime(batch, places, rows.shape, CACHED_PATCHES) : batch;
  const made = rowsOfGroups(builder, [batch * places, filter.shape[3] ?? 1], batch / count, x, productOf);
  return isPlain(placement) ? builder.make('reshape', [made], { shape: value.shape }) : made;
}

function filterGradient(site: Site, value: ValueOf<'conv2dFilterGradient'>, placement: Placement): Value {
  const { builder, operands } = site;
  const [x, dy] = [operand(operands, 0), rowsOf(builder, operand(operands, 1))];
  const [batch = 1] = x.shape;
  const { strides, paddings, filterShape } = value.attributes;
  const size = [filterShape[0] ?? 1, filterShape[1] ?? 1] as const;
  const window = { strides, paddings, dilations: [1, 1] as const };
  const shape = [sizeOf(filterShape) / (filterShape[3] ?? 1), filterShape[3] ?? 1];
  const productOf = (images: Value, gradient: Value): Value => {
    const { matrix, isTurned } = patchesOf(site, images, size, window, placement);
    return builder.make('matmul', [matrix, gradient], { ...product, transposeA: !isTurned });
  };
  const count = isLarge(value) ? imagesAtATime(batch, countPlaces(placement), shape, SUMMED_PATCHES) : batch;
  const made = sumOfGroups(builder, shape, batch / count, [x, dy], productOf);
  return builder.make('reshape', [made], { shape: filterShape });
}

/**
 * Of how many of `batch` images with so many places up to `largest` patches are gathered at a time, for a product with a filter,
 * or a filter's gradient, of `shape`.
 */
function imagesAtATime(batch: number, places: number, shape: Shape, largest: number): number {
  const patches = places * (shape[0] ?? 1);
  const fewest = sizeOf(shape) > SMALL_FILTER ? FEWEST_PLACES / places : 1;
  const counts = Array.from({ length: batch }, (_, i) => i + 1);
  const possible = counts.filter((count) => batch % count === 0 && count >= fewest);
  return possible.findLast((count) => count * patches <= largest) ?? possible[0] ?? batch;
}

/**
 * Every pixel gathers the gradients of the places that saw it: again a product, of few images at a time, so that their
 * patches stay in the cache. With strides, most would be zeros.
 */
function inputGradient(site: Site, value: ValueOf<'conv2dInputGradient'>, placement: Placement): Value | undefined {
  const { builder, operands, table } = site;
  const [dy, filter] = [operand(operands, 0), operand(operands, 1)];
  const { strides, inputShape } = value.attributes;
  const [height = 1, width = 1, inputs = 1, outputs = 1] = filter.shape;
  const [batch = 1, rows = 1, columns = 1] = inputShape;
  if (inputs < FEWEST_CHANNELS || strides.some((stride) => stride > 1)) {
    if (isPlain(placement)) return undefined;
    const shape = [placement.rows, placement.columns];
    const places = table(JSON.stringify(placement), () => placeNumbers(placement, countPlaces(placement)), shape);
    const ordered = builder.make('gather', [withZeroRows(builder, dy, batch), places], { axis: 1 });
    return builder.make('conv2dInputGradient', [ordered, filter], value.attributes);
  }
  const [pixels, elements] = [rows * columns, height * width];
  const byElement = builder.make('reshape', [filter], { shape: [elements, inputs, outputs] });
  const turned = builder.make('transpose', [byElement], { permutation: [0, 2, 1] });
  const matrix = builder.make('reshape', [turned], { shape: [elements * outputs, inputs] });
  const key = JSON.stringify(['gradient', rows, columns, height, width, value.attributes.paddings, placement]);
  const make = (): Int32Array => gradientPatches([rows, columns], [height, width], value.attributes, placement);
  const patches = table(key, make, [pixels, elements]);
  const count = imagesAtATime(batch, pixels, matrix.shape, CACHED_PATCHES);
  const shape = [batch * pixels, inputs];
  const images = rowsOfGroups(builder, shape, batch / count, rowsOf(builder, dy), (gradients) => {
    const gathered = builder.make('gather', [withZeroRows(builder, gradients, count), patches], { axis: 1 });
    const rowsOfPixels = builder.make('reshape', [gathered], { shape: [count * pixels, elements * outputs] });
    return builder.make('matmul', [rowsOfPixels, matrix], product);
  });
  return builder.make('reshape', [images], { shape: inputShape });
}

/** The first element of every window of each image, the second of every one, and so on: `[batch, 1, windows, channels]` each. */
function slicesOf(builder: Builder, rows: Value, { size }: OpAttributes['maxPool'], batch: number): readonly Value[] {
  const [elements, channels] = [sizeOf(size), rows.shape[1] ?? 1];
  const windows = (rows.shape[0] ?? 1) / batch / elements;
  const byElement = builder.make('reshape', [rows], { shape: [batch, elements, windows, channels] });
  return Array.from({ length: elements }, (_, i) =>
    builder.make('slice', [byElement], { begin: [0, i, 0, 0], size: [batch, 1, windows, channels] }),
  );
}

function pool({ builder, operands }: Site, value: ValueOf<'maxPool'>): Value {
  const slices = slicesOf(builder, operand(operands, 0), value.attributes, value.shape[0] ?? 1);
  const highest = slices.reduce((a, b) => builder.make('max', [a, b], {}));
  return builder.make('reshape', [highest], { shape: value.shape });
}

/** Whoever equals the maximum takes what the ones before have left of the gradient, in tfjs's order. */
function poolGradient({ builder, operands }: Site, value: ValueOf<'maxPoolGradient'>): Value {
  const [dy, x, y] = [operand(operands, 0), operand(operands, 1), operand(operands, 2)];
  const slices = slicesOf(builder, x, value.attributes, y.shape[0] ?? 1);
  const { shape } = operand(slices, 0);
  const highest = builder.make('reshape', [y], { shape });
  let left = builder.make('reshape', [dy], { shape });
  const taken = slices.map((slice, i) => {
    // One of them is the maximum.
    if (i === slices.length - 1) return left;
    const isHighest = builder.make('cast', [builder.make('equal', [slice, highest], {})], { dtype: 'float32' });
    const part = builder.make('mul', [left, isHighest], {});
    left = builder.make('sub', [left, part], {});
    return part;
  });
  return rowsOf(builder, builder.make('concat', taken, { axis: 1 }));
}
