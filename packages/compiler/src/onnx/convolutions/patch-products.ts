/** Convolutions as products: what the windows see is gathered into a matrix, of which the filter is the other factor as it is stored. */
import { operand, sizeOf, type Value, type ValueOf } from '../../ir/index.js';
import { inPlace, patchesOf, product, rowsOf, type Site, withZeroRows } from './gather-patches.js';
import { imagesAtATime, rowsOfGroups, sumOfGroups } from './groups.js';
import { countPlaces, gradientPatches, isPlain, type Placement } from './patches.js';
import { FEWEST_CHANNELS, isLarge, isLeft } from './placements.js';

/** Elements of the patches of images that are computed together: about a megabyte of cache. */
const CACHED_PATCHES = 2 ** 18;
/** The same where every group's product is added to a sum, which takes a copy or two. */
const SUMMED_PATCHES = 2 ** 20;

/** Undefined where ONNX's own is as quick. */
export function patchConvolution(site: Site, value: ValueOf<'conv2d'>, placement: Placement): Value | undefined {
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
  const costs = { patches: places * (rows.shape[0] ?? 1), rows: places, filter: sizeOf(rows.shape) };
  const count = isLarge(value) ? imagesAtATime(batch, costs, CACHED_PATCHES) : batch;
  const made = rowsOfGroups(builder, [batch * places, filter.shape[3] ?? 1], batch / count, x, productOf);
  return isPlain(placement) ? builder.make('reshape', [made], { shape: value.shape }) : made;
}

export function patchFilterGradient(site: Site, value: ValueOf<'conv2dFilterGradient'>, placement: Placement): Value {
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
  const places = countPlaces(placement);
  const costs = { patches: places * (shape[0] ?? 1), rows: places, filter: sizeOf(shape) };
  const count = isLarge(value) ? imagesAtATime(batch, costs, SUMMED_PATCHES) : batch;
  const made = sumOfGroups(builder, shape, batch / count, [x, dy], productOf);
  return builder.make('reshape', [made], { shape: filterShape });
}

/**
 * Every pixel gathers the gradients of the places that saw it: again a product, of few images at a time, so that their
 * patches stay in the cache. With strides, most would be zeros.
 */
export function patchInputGradient(
  site: Site,
  value: ValueOf<'conv2dInputGradient'>,
  placement: Placement,
): Value | undefined {
  const { builder, operands, table } = site;
  const [dy, filter] = [operand(operands, 0), operand(operands, 1)];
  const { strides, inputShape } = value.attributes;
  const [height = 1, width = 1, inputs = 1, outputs = 1] = filter.shape;
  const [batch = 1, rows = 1, columns = 1] = inputShape;
  if (inputs < FEWEST_CHANNELS || strides.some((stride) => stride > 1)) {
    if (isPlain(placement)) return undefined;
    const ordered = inPlace(site, dy, batch, placement);
    return builder.make('conv2dInputGradient', [ordered, filter], value.attributes);
  }
  const [pixels, elements] = [rows * columns, height * width];
  const byElement = builder.make('reshape', [filter], { shape: [elements, inputs, outputs] });
  const turned = builder.make('transpose', [byElement], { permutation: [0, 2, 1] });
  const matrix = builder.make('reshape', [turned], { shape: [elements * outputs, inputs] });
  const key = JSON.stringify(['gradient', rows, columns, height, width, value.attributes.paddings, placement]);
  const make = (): Int32Array => gradientPatches([rows, columns], [height, width], value.attributes, placement);
  const patches = table(key, make, [pixels, elements]);
  const costs = { patches: pixels * elements * outputs, rows: pixels, filter: sizeOf(matrix.shape) };
  const count = imagesAtATime(batch, costs, CACHED_PATCHES);
  const shape = [batch * pixels, inputs];
  const images = rowsOfGroups(builder, shape, batch / count, rowsOf(builder, dy), (gradients) => {
    const gathered = builder.make('gather', [withZeroRows(builder, gradients, count), patches], { axis: 1 });
    const rowsOfPixels = builder.make('reshape', [gathered], { shape: [count * pixels, elements * outputs] });
    return builder.make('matmul', [rowsOfPixels, matrix], product);
  });
  return builder.make('reshape', [images], { shape: inputShape });
}
