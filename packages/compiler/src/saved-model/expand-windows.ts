import {
  type Builder,
  type Graph,
  type OpAttributes,
  operand,
  type Pair,
  type Rule,
  rewrite,
  sizeOf,
  type Value,
  type ValueOf,
} from '../ir/index.js';
import { apart, around, seenFrom } from './images.js';

/**
 * Operations on windows from simple ones, for XLA on a GPU.
 *
 * Convolutions become products of the patches that the windows see. Left to cuDNN, whose algorithm for float32 is the
 * fastest of those that it timed, two processes may choose different ones, that is different bits; the one that it takes
 * untimed is 8 to 44 times slower. What becomes a product is the same everywhere, as is cuBLAS's choice by shape.
 *
 * The gradient of a maximum goes window by window position, in the order of tfjs: whoever equals the maximum takes what is
 * left of the gradient. XLA's own adds up in any order there, or refuses.
 */
export function expandWindows(graph: Graph): Graph {
  const expand: Rule = (value, operands, builder) => {
    switch (value.op) {
      case 'conv2d':
        return convolution(builder, operands, value);
      case 'conv2dFilterGradient':
        return filterGradient(builder, operands, value);
      case 'conv2dInputGradient':
        return inputGradient(builder, operands, value);
      case 'maxPoolGradient':
        return poolGradient(builder, operands, value);
      default:
        return undefined;
    }
  };
  return rewrite(graph, expand);
}

const product = { transposeA: false, transposeB: false, alpha: 1 } as const;

function convolution(builder: Builder, operands: readonly Value[], value: ValueOf<'conv2d'>): Value {
  const [x, filter] = [operand(operands, 0), operand(operands, 1)];
  const patches = patchesOf(builder, x, filter, value, value.attributes);
  const made = builder.make('matmul', [patches, asMatrix(builder, filter)], product);
  return builder.make('reshape', [made], { shape: value.shape });
}

function filterGradient(
  builder: Builder,
  operands: readonly Value[],
  { attributes }: ValueOf<'conv2dFilterGradient'>,
): Value {
  const [x, dy] = [operand(operands, 0), operand(operands, 1)];
  const { filterShape: shape } = attributes;
  const patches = patchesOf(builder, x, { shape }, dy, { ...attributes, dilations: [1, 1] });
  const made = builder.make('matmul', [patches, asMatrix(builder, dy)], { ...product, transposeA: true });
  return builder.make('reshape', [made], { shape });
}

/** The gradients of the patches, each added to the pixel that it came from. */
function inputGradient(
  builder: Builder,
  operands: readonly Value[],
  { attributes }: ValueOf<'conv2dInputGradient'>,
): Value {
  const [dy, filter] = [operand(operands, 0), operand(operands, 1)];
  const { inputShape, strides, paddings } = attributes;
  const [height = 1, width = 1, channels = 1] = filter.shape;
  const places = dy.shape.slice(0, 3);
  const factors = [asMatrix(builder, dy), asMatrix(builder, filter)];
  const made = builder.make('matmul', factors, { ...product, transposeB: true });
  const patches = builder.make('reshape', [made], { shape: [...places, height * width * channels] });
  const parts = positionsOf([height, width]).map(([row, column], i) => {
    const range = { begin: [0, 0, 0, i * channels], size: [...places, channels] };
    return { at: [row, column] as const, images: builder.make('slice', [patches], range) };
  });
  return sumOfImages(builder, parts, inputShape, { strides, paddings, size: [height, width] });
}

function poolGradient(
  builder: Builder,
  operands: readonly Value[],
  { attributes, shape }: ValueOf<'maxPoolGradient'>,
): Value {
  const [dy, x, y] = [operand(operands, 0), operand(operands, 1), operand(operands, 2)];
  const whole = around(builder, x, attributes.paddings, -Infinity);
  let rest = dy;
  const parts = positionsOf(attributes.size).map((at) => {
    const seen = seenFrom(builder, whole, at, attributes.strides, dy.shape);
    const isMaximum = builder.make('cast', [builder.make('equal', [seen, y], {})], { dtype: 'float32' });
    const images = builder.make('mul', [rest, isMaximum], {});
    rest = builder.make('sub', [rest, images], {});
    return { at, images };
  });
  return sumOfImages(builder, parts, shape, attributes);
}

/** The positions in a window, row by row. */
function positionsOf([rows, columns]: Pair): readonly Pair[] {
  return Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns]);
}

/** What the windows see of `x`, `[places, elements of a filter]`; `made` is of the convolution's result. */
function patchesOf(
  builder: Builder,
  x: Value,
  { shape: [height = 1, width = 1] }: Pick<Value, 'shape'>,
  { shape: [batch = 1, rows = 1, columns = 1] }: Pick<Value, 'shape'>,
  { strides, paddings, dilations: [down, across] }: OpAttributes['conv2d'],
): Value {
  const channels = x.shape[3] ?? 1;
  const whole = around(builder, x, paddings, 0);
  const seen = positionsOf([height, width]).map(([row, column]) =>
    seenFrom(builder, whole, [row * down, column * across], strides, [batch, rows, columns, channels]),
  );
  const patches = builder.make('concat', seen, { axis: 3 });
  return builder.make('reshape', [patches], { shape: [batch * rows * columns, height * width * channels] });
}

/** All axes but the last in one. */
function asMatrix(builder: Builder, x: Value): Value {
  const last = x.shape.at(-1) ?? 1;
  return builder.make('reshape', [x], { shape: [sizeOf(x.shape) / last, last] });
}

/**
 * Images of `shape` to whose pixels each part adds its own: what windows saw at the position `at`, pixel p at p times the
 * stride.
 */
function sumOfImages(
  builder: Builder,
  parts: readonly { readonly at: Pair; readonly images: Value }[],
  [batch = 1, height = 1, width = 1, channels = 1]: readonly number[],
  { strides, paddings, size }: OpAttributes['maxPool'],
): Value {
  const [[top], [left]] = paddings;
  const put = parts.map(({ at: [row, column], images }) => {
    const spread = apart(builder, images, strides);
    const [, rows = 1, columns = 1] = spread.shape;
    // As far as any position reaches.
    const below = Math.max(rows + size[0] - 1, top + height) - row - rows;
    const right = Math.max(columns + size[1] - 1, left + width) - column - columns;
    return around(
      builder,
      spread,
      [
        [row, below],
        [column, right],
      ],
      0,
    );
  });
  const sum = put.reduce((a, b) => builder.make('add', [a, b], {}));
  return builder.make('slice', [sum], { begin: [0, top, left, 0], size: [batch, height, width, channels] });
}
