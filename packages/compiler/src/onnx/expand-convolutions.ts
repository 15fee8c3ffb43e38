import {
  type Builder,
  type Graph,
  type OpAttributes,
  operand,
  type Pair,
  type Rule,
  rewrite,
  sameShape,
  sizeOf,
  topologicalOrder,
  type Value,
  type ValueOf,
} from '../ir/index.js';
import { countPlaces, gradientPatches, inputPatches, type Placement, placeNumbers } from './patches.js';

/** Inputs of fewer channels are given back by ONNX's transposed convolution: rows of a gather would be short. */
const FEWEST_CHANNELS = 8;

/**
 * Convolutions as products: the patches that the windows see are gathered into a matrix, of which the filter is the
 * other factor as it is stored. The gradient of the filter takes the same patches. Where a pool follows whose windows
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

interface Site {
  readonly builder: Builder;
  readonly operands: readonly Value[];
  /** A constant table of indices, made once for all operations of the same shapes. */
  readonly table: (key: string, make: () => Int32Array, shape: readonly number[]) => Value;
}

/** All places of an output, image by image. */
function plain({ shape: [batch = 1, rows = 1, columns = 1] }: Value): Placement {
  return { batch, rows, columns, pool: [1, 1] };
}

/**
 * In which order the outputs of convolutions are computed, and their gradients kept, that are used by nothing but a
 * pool with windows side by side and what the gradients of both need.
 */
function findPlacements(graph: Graph): ReadonlyMap<Value, Placement> {
  const order = topologicalOrder(graph);
  const users = new Map<Value, Value[]>();
  for (const value of order) for (const o of new Set(value.operands)) users.set(o, [...(users.get(o) ?? []), value]);
  const usersOf = (value: Value): readonly Value[] => users.get(value) ?? [];
  const results = new Set(Object.values(graph));
  const found = new Map<Value, Placement>();
  for (const value of order) {
    if (value.op !== 'maxPool' || !isSideBySide(value.attributes)) continue;
    const input = operand(value.operands, 0);
    const convolved = convolutionBefore(input);
    if (convolved === undefined) continue;
    const gradients = usersOf(input).filter((user) => user.op === 'maxPoolGradient' && user.operands[1] === input);
    const isPrivate =
      [input, convolved, ...gradients].every((one) => !results.has(one)) &&
      usersOf(input).every((user) => user === value || gradients.includes(user)) &&
      (convolved === input || usersOf(convolved).length === 1) &&
      gradients.every((gradient) => usersOf(gradient).every((user) => takesRows(user, gradient)));
    if (!isPrivate) continue;
    const placement = { ...plain(input), pool: value.attributes.size };
    for (const one of [input, convolved, ...gradients]) found.set(one, placement);
  }
  return found;
}

function isSideBySide({ size, strides, paddings }: OpAttributes['maxPool']): boolean {
  return sameShape(size, strides) && paddings.flat().every((padding) => padding === 0);
}

/** The convolution that `value` is, or is the sum of with one number for each channel. */
function convolutionBefore(value: Value): Value | undefined {
  if (value.op === 'conv2d') return value;
  if (value.op !== 'add') return undefined;
  const [a, b] = [operand(value.operands, 0), operand(value.operands, 1)];
  return a.op === 'conv2d' && b.shape.length === 1 ? a : undefined;
}

/** Whether `user` is a gradient of a convolution, to whom the order of the output's places does not matter. */
function takesRows(user: Value, gradient: Value): boolean {
  if (user.op === 'conv2dFilterGradient') return user.operands[1] === gradient && user.operands[0] !== gradient;
  return user.op === 'conv2dInputGradient' && user.operands[0] === gradient && user.operands[1] !== gradient;
}

const product = { transposeA: false, transposeB: false, alpha: 1 } as const;

/** `x` as a matrix of as many rows as pixels. */
function rowsOf(builder: Builder, x: Value): Value {
  const channels = x.shape.at(-1) ?? 1;
  return builder.make('reshape', [x], { shape: [sizeOf(x.shape) / channels, channels] });
}

/** `rows` and one more of zeros. */
function withZeroRow(builder: Builder, rows: Value): Value {
  const zeros = builder.constant(new Float32Array(rows.shape[1] ?? 1), [1, rows.shape[1] ?? 1]);
  return builder.make('concat', [rows, zeros], { axis: 0 });
}

/** The matrix of patches of `x`: a row for each place. */
function patchesOf(
  { builder, table }: Site,
  x: Value,
  size: Pair,
  window: OpAttributes['conv2d'],
  placement: Placement,
): Value {
  const channels = x.shape[3] ?? 1;
  const [places, elements] = [countPlaces(placement), size[0] * size[1]];
  const rows = rowsOf(builder, x);
  const isPointwise = elements === 1 && places === rows.shape[0] && placement.pool.every((length) => length === 1);
  if (isPointwise) return rows;
  const key = JSON.stringify(['input', x.shape.slice(0, 3), size, window, placement]);
  const indices = table(key, () => inputPatches(x.shape, size, window, placement), [places, elements]);
  const isPadded = window.paddings.flat().some((padding) => padding > 0);
  const source = isPadded ? withZeroRow(builder, rows) : rows;
  const gathered = builder.make('gather', [source, indices], { axis: 0 });
  return builder.make('reshape', [gathered], { shape: [places, elements * channels] });
}

function filterMatrix(builder: Builder, filter: Value): Value {
  return rowsOf(builder, filter);
}

function convolution(site: Site, value: ValueOf<'conv2d'>, placement: Placement): Value {
  const { builder, operands } = site;
  const [x, filter] = [operand(operands, 0), operand(operands, 1)];
  const size = [filter.shape[0] ?? 1, filter.shape[1] ?? 1] as const;
  const { strides, paddings, dilations } = value.attributes;
  const patches = patchesOf(site, x, size, { strides, paddings, dilations }, placement);
  const made = builder.make('matmul', [patches, filterMatrix(builder, filter)], product);
  return isPlain(placement) ? builder.make('reshape', [made], { shape: value.shape }) : made;
}

function isPlain({ pool: [down, across] }: Placement): boolean {
  return down === 1 && across === 1;
}

function filterGradient(site: Site, value: ValueOf<'conv2dFilterGradient'>, placement: Placement): Value {
  const { builder, operands } = site;
  const { strides, paddings, filterShape } = value.attributes;
  const size = [filterShape[0] ?? 1, filterShape[1] ?? 1] as const;
  const window = { strides, paddings, dilations: [1, 1] as const };
  const patches = patchesOf(site, operand(operands, 0), size, window, placement);
  const gradient = rowsOf(builder, operand(operands, 1));
  const made = builder.make('matmul', [patches, gradient], { ...product, transposeA: true });
  return builder.make('reshape', [made], { shape: filterShape });
}

/**
 * Every pixel gathers the gradients of the places that saw it: again a product, image by image, so that the patches of
 * one stay in the cache. With strides, most would be zeros.
 */
function inputGradient(site: Site, value: ValueOf<'conv2dInputGradient'>, placement: Placement): Value | undefined {
  const { builder, operands, table } = site;
  const [dy, filter] = [operand(operands, 0), operand(operands, 1)];
  const { strides, inputShape } = value.attributes;
  const [height = 1, width = 1, inputs = 1, outputs = 1] = filter.shape;
  const [batch = 1, rows = 1, columns = 1] = inputShape;
  const key = JSON.stringify(['gradient', inputShape.slice(0, 3), height, width, value.attributes, placement]);
  const places = countPlaces(placement);
  if (inputs < FEWEST_CHANNELS || strides.some((stride) => stride > 1)) {
    if (isPlain(placement)) return undefined;
    const shape = [placement.batch, placement.rows, placement.columns];
    const order = table(`${key} order`, () => placeNumbers(placement, places), shape);
    const ordered = builder.make('gather', [withZeroRow(builder, dy), order], { axis: 0 });
    return builder.make('conv2dInputGradient', [ordered, filter], value.attributes);
  }
  const elements = height * width;
  const byElement = builder.make('reshape', [filter], { shape: [elements, inputs, outputs] });
  const turned = builder.make('transpose', [byElement], { permutation: [0, 2, 1] });
  const matrix = builder.make('reshape', [turned], { shape: [elements * outputs, inputs] });
  const source = withZeroRow(builder, rowsOf(builder, dy));
  const numbers = placeNumbers(placement, places);
  const images = Array.from({ length: batch }, (_, image) => {
    const make = (): Int32Array =>
      gradientPatches(inputShape, [height, width], value.attributes, placement, numbers, image);
    const gathered = builder.make('gather', [source, table(`${key} ${image}`, make, [rows * columns, elements])], {
      axis: 0,
    });
    const patches = builder.make('reshape', [gathered], { shape: [rows * columns, elements * outputs] });
    return builder.make('matmul', [patches, matrix], product);
  });
  const whole = images.length === 1 ? operand(images, 0) : builder.make('concat', images, { axis: 0 });
  return builder.make('reshape', [whole], { shape: inputShape });
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
