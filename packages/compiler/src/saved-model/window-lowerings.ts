import { type OpAttributes, operand, type Pair, type Shape, type Window } from '../ir/index.js';
import type { Lowering } from './lowerings.js';
import { type Attribute, DataType } from './nodes.js';
import type { TensorflowOp } from './operations.js';
import type { Emitter } from './scope.js';

type WindowOp = { [Op in keyof OpAttributes]: OpAttributes[Op] extends Window ? Op : never }[keyof OpAttributes];

const T = { type: DataType.DT_FLOAT } as const;

const spatial = ([down, across]: Pair): Attribute => ({ ints: [1, down, across, 1] });

const isUnpadded = ({ paddings }: Window): boolean => paddings.flat().every((padding) => padding === 0);

/** Paddings along all four axes. */
const around = ([rows, columns]: Window['paddings']): readonly number[] => [0, 0, ...rows, ...columns, 0, 0];

/** How much the images are padded, in TensorFlow's words: it has the fastest kernels for those that it can name. */
function padding(window: Window): Readonly<Record<string, Attribute>> {
  if (isUnpadded(window)) return { padding: { text: 'VALID' } };
  return { padding: { text: 'EXPLICIT' }, explicit_paddings: { ints: around(window.paddings) } };
}

const convolution =
  (op: TensorflowOp) =>
  (inputs: readonly string[], { attributes }: { readonly attributes: OpAttributes['conv2d'] }, { emit }: Emitter) =>
    emit(op, inputs, {
      T,
      strides: spatial(attributes.strides),
      dilations: spatial(attributes.dilations),
      ...padding(attributes),
    });

const inputGradient =
  (op: TensorflowOp) =>
  (
    [dy = '', filter = '']: readonly string[],
    { attributes }: { readonly attributes: OpAttributes['conv2dInputGradient'] },
    { emit, int32 }: Emitter,
  ): string =>
    emit(op, [int32(attributes.inputShape), filter, dy], {
      T,
      strides: spatial(attributes.strides),
      ...padding(attributes),
    });

const filterGradient =
  (op: TensorflowOp) =>
  (
    [x = '', dy = '']: readonly string[],
    { attributes }: { readonly attributes: OpAttributes['conv2dFilterGradient'] },
    { emit, int32 }: Emitter,
  ): string =>
    emit(op, [x, int32(attributes.filterShape), dy], {
      T,
      strides: spatial(attributes.strides),
      ...padding(attributes),
    });

/**
 * A 1 by 1 filter only sees every stride-th pixel: those alone, at stride 1, give the same gradient. Left to copy them
 * itself, oneDNN (3.7 to 3.12 at least) writes past its buffer where channels are fewer than a vector register's
 * numbers: 8 with AVX2, 16 with AVX-512 (uxlfoundation/oneDNN, issue 6035).
 */
const convolutionFilterGradient: Lowering<'conv2dFilterGradient'> = ([x = '', dy = ''], value, emitter) => {
  const { attributes, operands } = value;
  const [images, made] = [operand(operands, 0).shape, operand(operands, 1).shape];
  const [down, across] = attributes.strides;
  const [height, width] = attributes.filterShape;
  const gradientOf = filterGradient('Conv2DBackpropFilter');
  if (height !== 1 || width !== 1 || !isUnpadded(attributes) || (down === 1 && across === 1))
    return gradientOf([x, dy], value, emitter);
  const { emit, int32 } = emitter;
  const [batch = 1, , , channels = 1] = images;
  const [, rows = 1, columns = 1] = made;
  const ends = int32([batch, (rows - 1) * down + 1, (columns - 1) * across + 1, channels]);
  const seen = emit('StridedSlice', [x, int32([0, 0, 0, 0]), ends, int32([1, down, across, 1])], {
    T,
    Index: { type: DataType.DT_INT32 },
  });
  return gradientOf([seen, dy], { attributes: { ...attributes, strides: [1, 1] } }, emitter);
};

const ofPool = ({ size, strides }: OpAttributes['maxPool']): Readonly<Record<string, Attribute>> => ({
  T,
  ksize: spatial(size),
  strides: spatial(strides),
});

/** Images with a border of `filler`. */
function withBorder(x: string, { paddings }: Window, filler: number, { emit, int32, float32 }: Emitter): string {
  return emit('PadV2', [x, int32(around(paddings), [4, 2]), float32([filler])], {
    T,
    Tpaddings: { type: DataType.DT_INT32 },
  });
}

/** TensorFlow divides by the whole window, border or not, once the border is part of the images. */
const avgPool: Lowering<'avgPool'> = ([x = ''], value, emitter) => {
  const { attributes, shape } = value;
  const unpadded = { ...ofPool(attributes), padding: { text: 'VALID' } };
  if (isUnpadded(attributes)) return emitter.emit('AvgPool', [x], unpadded);
  const mean = emitter.emit('AvgPool', [withBorder(x, attributes, 0, emitter)], unpadded);
  return emitter.emit('Mul', [mean, borderFactors(operand(value.operands, 0).shape, shape, attributes, emitter)], {
    T,
  });
};

/** Size of a window over how much of it lies in the images, `[1, rows, columns, 1]`. */
function borderFactors(
  images: Shape,
  made: Shape,
  { size, strides, paddings }: OpAttributes['avgPool'],
  emitter: Emitter,
): string {
  const factors = ([0, 1] as const).map((axis) =>
    Array.from({ length: made[axis + 1] ?? 0 }, (_, i) => {
      const start = i * strides[axis] - paddings[axis][0];
      return size[axis] / (Math.min(start + size[axis], images[axis + 1] ?? 0) - Math.max(start, 0));
    }),
  );
  const [down = [], across = []] = factors;
  return emitter.float32(
    down.flatMap((row) => across.map((column) => row * column)),
    [1, down.length, across.length, 1],
  );
}

/** To the first maximum of a window, as tfjs. The border is below all else and gets none. */
const maxPoolGradient: Lowering<'maxPoolGradient'> = ([dy = '', x = '', y = ''], value, emitter) => {
  const { emit, int32 } = emitter;
  const { attributes, shape } = value;
  const unpadded = { ...ofPool(attributes), padding: { text: 'VALID' } };
  if (isUnpadded(attributes)) return emit('MaxPoolGrad', [x, y, dy], unpadded);
  const whole = emit('MaxPoolGrad', [withBorder(x, attributes, -Infinity, emitter), y, dy], unpadded);
  const [[top], [left]] = attributes.paddings;
  return emit('Slice', [whole, int32([0, top, left, 0]), int32(shape)], { T, Index: { type: DataType.DT_INT32 } });
};

/** Of operations on windows. */
export const windowLowerings: { readonly [Op in WindowOp]: Lowering<Op> } = {
  conv2d: convolution('Conv2D'),
  conv2dInputGradient: inputGradient('Conv2DBackpropInput'),
  conv2dFilterGradient: convolutionFilterGradient,
  depthwiseConv2d: convolution('DepthwiseConv2dNative'),
  depthwiseConv2dInputGradient: inputGradient('DepthwiseConv2dNativeBackpropInput'),
  depthwiseConv2dFilterGradient: filterGradient('DepthwiseConv2dNativeBackpropFilter'),
  maxPool: ([x = ''], { attributes }, emitter) => {
    const unpadded = { ...ofPool(attributes), padding: { text: 'VALID' } };
    const whole = isUnpadded(attributes) ? x : withBorder(x, attributes, -Infinity, emitter);
    return emitter.emit('MaxPool', [whole], unpadded);
  },
  maxPoolGradient,
  avgPool,
};
