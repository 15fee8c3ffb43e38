import {
  type Builder,
  type Graph,
  makeScan,
  operand,
  type Pair,
  type Rule,
  rewrite,
  sizeOf,
  type Value,
  type ValueOf,
} from '../ir/index.js';
import { patchesOf, rowsOf, type Site, withZeroRow } from './gather-patches.js';
import { countPlaces, gradientPatches, isPlain, type Placement, placeNumbers } from './patches.js';
import { findPlacements, isLarge, plain } from './placements.js';

/** Elements of the patches of as many images as are computed together, where the whole batch's are too many. */
const LARGEST_GROUP = 2 ** 20;
/** The same for gradients of inputs, which are computed once: about a megabyte of cache. */
const CACHED_GROUP = 2 ** 18;
/** Inputs of fewer channels are given back by ONNX's transposed convolution: rows of a gather would be short. */
const FEWEST_CHANNELS = 8;

/**
 * Convolutions as products: the patches that the windows see are gathered into a matrix, of which the filter is the
 * other factor as it is stored. The gradient of the filter takes the same patches. Where a pool follows whose windows
 * lie side by side, patches come in the order of the places within a window, so that the pool is a maximum of slices
 * and its gradient needs no scattering. What would take
 * too much memory is left to ONNX's convolution. By shape alone, never by timing.
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
  if (isLarge(value)) return undefined;
  const { builder, operands } = site;
  const [x, filter] = [operand(operands, 0), operand(operands, 1)];
  const size = [filter.shape[0] ?? 1, filter.shape[1] ?? 1] as const;
  const { strides, paddings, dilations } = value.attributes;
  const { matrix, isTurned } = patchesOf(site, x, size, { strides, paddings, dilations }, placement);
  const made = builder.make('matmul', [matrix, rowsOf(builder, filter)], { ...product, transposeA: isTurned });
  return isPlain(placement) ? builder.make('reshape', [made], { shape: value.shape }) : made;
}

function filterGradient(site: Site, value: ValueOf<'conv2dFilterGradient'>, placement: Placement): Value {
  const { builder, operands } = site;
  const [x, dy] = [operand(operands, 0), operand(operands, 1)];
  const { strides, paddings, filterShape } = value.attributes;
  const size = [filterShape[0] ?? 1, filterShape[1] ?? 1] as const;
  const window = { strides, paddings, dilations: [1, 1] as const };
  const productOf = (images: Value, gradient: Value, places: Placement): Value => {
    const { matrix, isTurned } = patchesOf(site, images, size, window, places);
    return builder.make('matmul', [matrix, rowsOf(builder, gradient)], { ...product, transposeA: !isTurned });
  };
  const made = isLarge(value) ? summedOverGroups() : productOf(x, dy, placement);
  return builder.make('reshape', [made], { shape: filterShape });

  /** In each step of a scan the sum takes the product of one group. */
  function summedOverGroups(): Value {
    const [batch = 1] = x.shape;
    const elements = ((sizeOf(dy.shape) * sizeOf(size)) / (dy.shape[3] ?? 1)) * (x.shape[3] ?? 1);
    const [groups, count] = groupsOf(batch, elements, LARGEST_GROUP);
    const cut = (images: Value): Value => {
      const [, ...image] = images.shape;
      return builder.make('reshape', [images], { shape: [groups, count, ...image] });
    };
    const shape = [sizeOf(size) * (x.shape[3] ?? 1), dy.shape[3] ?? 1];
    const initial = builder.make('broadcast', [builder.scalar(0)], { shape });
    const sums = makeScan(builder, { initial, cuts: [cut(x), cut(dy)] }, (sum, [images = x, gradient = dy]) =>
      builder.make('add', [sum, productOf(images, gradient, { ...placement, batch: count })], {}),
    );
    return builder.make('slice', [sums], { begin: [groups - 1, 0, 0], size: [1, ...shape] });
  }
}

/** In how many groups `batch` images come, and how many each has, where no group's part of `elements` is to be above `largest`. */
function groupsOf(batch: number, elements: number, largest: number): Pair {
  let count = Math.min(batch, Math.max(1, Math.floor((largest * batch) / elements)));
  while (batch % count > 0) count -= 1;
  return [batch / count, count];
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
  const key = JSON.stringify(['gradient', inputShape.slice(0, 3), height, width, value.attributes, placement]);
  if (inputs < FEWEST_CHANNELS || strides.some((stride) => stride > 1)) {
    if (isPlain(placement)) return undefined;
    const shape = [placement.batch, placement.rows, placement.columns];
    const order = table(`${key} order`, () => placeNumbers(placement, countPlaces(placement)), shape);
    const ordered = builder.make('gather', [withZeroRow(builder, dy), order], { axis: 0 });
    return builder.make('conv2dInputGradient', [ordered, filter], value.attributes);
  }
  const elements = height * width;
  const byElement = builder.make('reshape', [filter], { shape: [elements, inputs, outputs] });
  const turned = builder.make('transpose', [byElement], { permutation: [0, 2, 1] });
  const matrix = builder.make('reshape', [turned], { shape: [elements * outputs, inputs] });
  const [groups, count] = groupsOf(batch, batch * rows * columns * elements * outputs, CACHED_GROUP);
  const pixels = count * rows * columns;
  const make = (): Int32Array => gradientPatches([count, rows, columns], [height, width], value.attributes, placement);
  const patches = table(key, make, [pixels, elements]);
  const pixelsOf = (gradients: Value): Value => {
    const gathered = builder.make('gather', [withZeroRow(builder, gradients), patches], { axis: 0 });
    const rowsOfPixels = builder.make('reshape', [gathered], { shape: [pixels, elements * outputs] });
    return builder.make('matmul', [rowsOfPixels, matrix], product);
  };
  const gradients = imageByImage(builder, dy, placement);
  if (groups === 1) return builder.make('reshape', [pixelsOf(gradients)], { shape: inputShape });
  const initial = builder.make('broadcast', [builder.scalar(0)], { shape: [pixels, inputs] });
  const cuts = [
    builder.make('reshape', [gradients], { shape: [groups, sizeOf(gradients.shape) / groups / outputs, outputs] }),
  ];
  const images = makeScan(builder, { initial, cuts }, (_, ofGroup) => pixelsOf(operand(ofGroup, 0)));
  return builder.make('reshape', [images], { shape: inputShape });
}

/** The rows of a gradient, which lie as `placement` says, image by image. */
function imageByImage(builder: Builder, dy: Value, placement: Placement): Value {
  if (isPlain(placement)) return rowsOf(builder, dy);
  const [elements, channels] = [sizeOf(placement.pool), dy.shape.at(-1) ?? 1];
  const windows = countPlaces(placement) / placement.batch / elements;
  const byElement = builder.make('reshape', [dy], { shape: [elements, placement.batch, windows, channels] });
  return rowsOf(builder, builder.make('transpose', [byElement], { permutation: [1, 0, 2, 3] }));
}

/** The first element of every window, the second of every one, and so on. */
function slicesOf(builder: Builder, rows: Value, count: number): readonly Value[] {
  const [length = 1, channels = 1] = rows.shape;
  const size = [length / count, channels];
  return Array.from({ length: count }, (_, i) =>
    builder.make('slice', [rows], { begin: [(i * length) / count, 0], size }),
  );
}

function pool({ builder, operands }: Site, value: ValueOf<'maxPool'>): Value {
  const slices = slicesOf(builder, operand(operands, 0), sizeOf(value.attributes.size));
  const highest = slices.reduce((a, b) => builder.make('max', [a, b], {}));
  return builder.make('reshape', [highest], { shape: value.shape });
}

/** Whoever equals the maximum takes what the ones before have left of the gradient, in tfjs's order. */
function poolGradient({ builder, operands }: Site, value: ValueOf<'maxPoolGradient'>): Value {
  const [dy, y] = [rowsOf(builder, operand(operands, 0)), rowsOf(builder, operand(operands, 2))];
  const slices = slicesOf(builder, operand(operands, 1), sizeOf(value.attributes.size));
  let left = dy;
  const taken = slices.map((slice, i) => {
    // One of them is the maximum.
    if (i === slices.length - 1) return left;
    const isHighest = builder.make('cast', [builder.make('equal', [slice, y], {})], { dtype: 'float32' });
    const part = builder.make('mul', [left, isHighest], {});
    left = builder.make('sub', [left, part], {});
    return part;
  });
  return builder.make('concat', taken, { axis: 0 });
}
