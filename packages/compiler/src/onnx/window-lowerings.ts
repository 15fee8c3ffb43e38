import { type OpAttributes, operand, type Shape, type Value, type Window } from '../ir/index.js';
import type { Emitter, Lowering } from './lowerings.js';
import { BEFORE_ALL, DataType, MICROSOFT } from './nodes.js';

type WindowOp = { [Op in keyof OpAttributes]: OpAttributes[Op] extends Window ? Op : never }[keyof OpAttributes];

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];
const TO_CHANNELS = [3, 0, 1, 2];
/** `[height, width, in, out]` to ONNX's `[out, in, height, width]`. */
const FILTER = [3, 2, 0, 1];
/** The first two axes behind the last two: `[height, width, in, …]` to `[in, …, height, width]`, or back. */
const EXCHANGED = [2, 3, 0, 1];

const transpose = ({ emit }: Emitter, x: string, perm: readonly number[]): string => emit('Transpose', [x], { perm });

/** ONNX puts what is before the axes first. */
function pads([[top, bottom], [left, right]]: Window['paddings']): readonly number[] {
  return [top, left, bottom, right];
}

/** A depthwise filter `[height, width, in, multiplier]` as ONNX's filter of as many groups as channels. */
function depthwiseFilter(
  emitter: Emitter,
  filter: string,
  [height = 1, width = 1, inputs = 1, multiplier = 1]: Shape,
): string {
  const grouped = transpose(emitter, filter, EXCHANGED);
  return emitter.emit('Reshape', [grouped, emitter.int64([inputs * multiplier, 1, height, width])]);
}

const convolution = (
  inputs: readonly string[],
  value: Value & { attributes: OpAttributes['conv2d'] },
  emitter: Emitter,
): string => {
  const [x = '', filter = ''] = inputs;
  const { strides, dilations, paddings } = value.attributes;
  const { shape } = operand(value.operands, 1);
  const isDepthwise = value.op === 'depthwiseConv2d';
  const weights = isDepthwise ? depthwiseFilter(emitter, filter, shape) : transpose(emitter, filter, FILTER);
  const group = isDepthwise ? (shape[2] ?? 1) : 1;
  const attributes = { strides, dilations, group, pads: pads(paddings), kernel_shape: shape.slice(0, 2) };
  return transpose(emitter, emitter.emit('Conv', [transpose(emitter, x, TO_FIRST), weights], attributes), TO_LAST);
};

/** The transposed convolution; `output_padding` are rows that no window reached. */
const transposedConvolution = (
  inputs: readonly string[],
  value: Value & { attributes: OpAttributes['conv2dInputGradient'] },
  emitter: Emitter,
): string => {
  const [dy = '', filter = ''] = inputs;
  const { strides, paddings, inputShape } = value.attributes;
  const [gradient, { shape }] = [operand(value.operands, 0).shape, operand(value.operands, 1)];
  const isDepthwise = value.op === 'depthwiseConv2dInputGradient';
  const weights = isDepthwise ? depthwiseFilter(emitter, filter, shape) : transpose(emitter, filter, FILTER);
  const group = isDepthwise ? (shape[2] ?? 1) : 1;
  const beyond = ([0, 1] as const).map(
    (axis) =>
      ((gradient[axis + 1] ?? 1) - 1) * strides[axis] +
      (shape[axis] ?? 1) -
      paddings[axis][0] -
      (inputShape[axis + 1] ?? 1),
  );
  const made = emitter.emit('ConvTranspose', [transpose(emitter, dy, TO_FIRST), weights], {
    strides,
    group,
    kernel_shape: shape.slice(0, 2),
    pads: [paddings[0][0], paddings[1][0], ...beyond.map((size) => Math.max(0, size))],
    output_padding: beyond.map((size) => Math.max(0, -size)),
  });
  return transpose(emitter, made, TO_LAST);
};

/** Where windows move by one, the convolution with the turned filter, which takes ONNX Runtime less time. */
const depthwiseInputGradient: Lowering<'depthwiseConv2dInputGradient'> = (inputs, value, emitter) => {
  const [dy = '', filter = ''] = inputs;
  const { strides, paddings, inputShape } = value.attributes;
  const [gradient, { shape }] = [operand(value.operands, 0).shape, operand(value.operands, 1)];
  const before = ([0, 1] as const).map((axis) => (shape[axis] ?? 1) - 1 - paddings[axis][0]);
  const after = ([0, 1] as const).map(
    (axis) => (inputShape[axis + 1] ?? 1) - (gradient[axis + 1] ?? 1) + paddings[axis][0],
  );
  if (strides.some((stride) => stride > 1) || [...before, ...after].some((length) => length < 0))
    return transposedConvolution(inputs, value, emitter);
  const { emit, int64 } = emitter;
  const [backwards, beforeAll] = [int64([-1, -1]), int64([BEFORE_ALL, BEFORE_ALL])];
  const grouped = transpose(emitter, filter, EXCHANGED);
  // From the last element down, by one.
  const turned = emit('Slice', [grouped, backwards, beforeAll, int64([2, 3]), backwards]);
  const made = emit('Conv', [transpose(emitter, dy, TO_FIRST), turned], {
    group: shape[2] ?? 1,
    kernel_shape: shape.slice(0, 2),
    pads: [...before, ...after],
  });
  return transpose(emitter, made, TO_LAST);
};

/**
 * The convolution of the inputs with the output's gradients as filters, the batch in the place of the channels and
 * strides in the place of dilations.
 */
const filterGradient: Lowering<'conv2dFilterGradient'> = ([x = '', dy = ''], value, emitter) => {
  const { strides, paddings, filterShape } = value.attributes;
  const [rows = 1, columns = 1] = filterShape;
  const made = emitter.emit('Conv', [transpose(emitter, x, TO_CHANNELS), transpose(emitter, dy, TO_CHANNELS)], {
    dilations: strides,
    pads: pads(paddings),
    kernel_shape: operand(value.operands, 1).shape.slice(1, 3),
  });
  // [in, out, …]; rows beyond the filter come of what no window reached.
  const { int64 } = emitter;
  const cut = emitter.emit('Slice', [made, int64([0, 0]), int64([rows, columns]), int64([2, 3])]);
  return transpose(emitter, cut, EXCHANGED);
};

/**
 * For each channel and row of the filter the product of all lines of the images with the lines of the gradient that they come
 * to, every column with every column: of these the filter's columns are sums of diagonals. ONNX Runtime takes three times as
 * long for its convolution of as many groups as channels.
 */
const depthwiseFilterGradient: Lowering<'depthwiseConv2dFilterGradient'> = ([x = '', dy = ''], value, emitter) => {
  const { emit, int64 } = emitter;
  const { strides, paddings, filterShape } = value.attributes;
  const [rows = 1, columns = 1, channels = 1, multiplier = 1] = filterShape;
  const [batch = 1, , width = 1] = operand(value.operands, 0).shape;
  const [, down = 1, across = 1] = operand(value.operands, 1).shape;
  const [[top, bottom], [left, right]] = paddings;
  const wide = left + width + right;
  const images = emit('Pad', [transpose(emitter, x, TO_CHANNELS), int64([0, 0, top, left, 0, 0, bottom, right])]);
  const split = emit('Reshape', [dy, int64([batch, down, across, channels, multiplier])]);
  const lines = emit('Reshape', [
    transpose(emitter, split, [3, 0, 1, 2, 4]),
    int64([channels, batch * down, across * multiplier]),
  ]);
  const products = Array.from({ length: rows }, (_, row) => {
    const end = row + (down - 1) * strides[0] + 1;
    const seen = emit('Slice', [images, int64([row]), int64([end]), int64([2]), int64([strides[0]])]);
    const seenLines = emit('Reshape', [seen, int64([channels, batch * down, wide])]);
    const product = emit('FusedMatMul', [seenLines, lines], { transA: 1 }, MICROSOFT);
    return emit('Reshape', [product, int64([channels, 1, wide * across * multiplier])]);
  });
  const all = products.length === 1 ? (products[0] ?? '') : emit('Concat', products, { axis: 1 });
  const diagonals = Int32Array.from({ length: columns * multiplier * across }, (_, i) => {
    const [column, place, window] = [
      Math.floor(i / (multiplier * across)),
      Math.floor(i / across) % multiplier,
      i % across,
    ];
    return (window * strides[1] + column) * across * multiplier + window * multiplier + place;
  });
  const found = emit('Gather', [all, emitter.constant(diagonals, [columns, multiplier, across])], { axis: 2 });
  const sums = emit('ReduceSum', [found, int64([4])], { keepdims: 0 });
  return transpose(emitter, sums, [1, 2, 0, 3]);
};

const pooling =
  (opType: string) =>
  (inputs: readonly string[], value: { readonly attributes: OpAttributes['maxPool'] }, emitter: Emitter): string => {
    const [x = ''] = inputs;
    const { size, strides, paddings } = value.attributes;
    const attributes = { kernel_shape: size, strides, pads: pads(paddings) };
    return transpose(emitter, emitter.emit(opType, [transpose(emitter, x, TO_FIRST)], attributes), TO_LAST);
  };

/**
 * Window by window position, in the order of tfjs: whoever equals the maximum takes what is left of the gradient. Windows
 * begin a stride apart, so that what a position took comes to the same place within a stride everywhere: the image is put
 * together of as many smaller ones as a stride has places.
 */
const maxPoolGradient: Lowering<'maxPoolGradient'> = ([dy = '', x = '', y = ''], value, emitter) => {
  const { emit, int64, constant } = emitter;
  const { size, strides, paddings } = value.attributes;
  const [batch = 1, height = 1, width = 1, channels = 1] = value.shape;
  const [, rows = 1, columns = 1] = operand(value.operands, 0).shape;
  const begin = paddings.map(([before]) => before);
  const end = [height, width].map((length, axis) => length + (begin[axis] ?? 0));
  /** Strides that windows or the image reach into, down and across. */
  const [down = 1, across = 1] = [rows, columns].map((count, axis) => {
    const [length = 1, stride = 1] = [size[axis], strides[axis]];
    return Math.max(count - 1 + Math.ceil(length / stride), Math.ceil((end[axis] ?? 1) / stride));
  });
  const after = [down * strides[0] - (end[0] ?? 0), across * strides[1] - (end[1] ?? 0)];
  const around = int64([0, ...begin, 0, 0, ...after, 0]);
  const whole = emit('Pad', [x, around, constant(Float32Array.of(-Infinity), [])]);
  let left = dy;
  const taken: string[][][] = Array.from({ length: strides[0] }, () =>
    Array.from({ length: strides[1] }, (): string[] => []),
  );
  for (let i = 0; i < size[0]; i++) {
    for (let j = 0; j < size[1]; j++) {
      const ends = int64([i + (rows - 1) * strides[0] + 1, j + (columns - 1) * strides[1] + 1]);
      const position = emit('Slice', [whole, int64([i, j]), ends, int64([1, 2]), int64(strides)]);
      const isMaximum = emit('Cast', [emit('Equal', [position, y])], { to: DataType.FLOAT });
      const part = emit('Mul', [left, isMaximum]);
      left = emit('Sub', [left, part]);
      const before = [Math.floor(i / strides[0]), Math.floor(j / strides[1])] as const;
      const behind = [down - rows - before[0], across - columns - before[1]];
      const isWhole = [...before, ...behind].every((length) => length === 0);
      const moved = isWhole ? part : emit('Pad', [part, int64([0, ...before, 0, 0, ...behind, 0])]);
      taken[i % strides[0]]?.[j % strides[1]]?.push(moved);
    }
  }
  const sumOf = (parts: readonly string[]): string => {
    if (parts.length > 1) return emit('Sum', parts);
    return parts[0] ?? emit('Expand', [constant(Float32Array.of(0), []), int64([batch, down, across, channels])]);
  };
  const lines = taken.map((line) => alternate(emitter, line.map(sumOf), 3, [0, down, across * strides[1], channels]));
  const image = alternate(emitter, lines, 2, [0, down * strides[0], across * strides[1], channels]);
  return emit('Slice', [image, int64(begin), int64(end), int64([1, 2])]);
};

/** The first element of each part along the axis before `axis`, then the second of each, and so on. */
function alternate({ emit, int64 }: Emitter, parts: readonly string[], axis: number, shape: Shape): string {
  const [only = '', ...others] = parts;
  if (others.length === 0) return only;
  const apart = parts.map((part) => emit('Unsqueeze', [part, int64([axis])]));
  return emit('Reshape', [emit('Concat', apart, { axis }), int64(shape)]);
}

/** Of operations on windows; ONNX has channels first. */
export const windowLowerings: { readonly [Op in WindowOp]: Lowering<Op> } = {
  conv2d: convolution,
  conv2dInputGradient: transposedConvolution,
  conv2dFilterGradient: filterGradient,
  depthwiseConv2d: convolution,
  depthwiseConv2dInputGradient: depthwiseInputGradient,
  depthwiseConv2dFilterGradient: depthwiseFilterGradient,
  maxPool: pooling('MaxPool'),
  maxPoolGradient,
  avgPool: pooling('AveragePool'),
};
