import { type OpAttributes, operand, type Pair, type Shape, type Value, type Window } from '../ir/index.js';
import type { Emitter, Lowering } from './lowerings.js';
import { DataType } from './nodes.js';

type WindowOp = { [Op in keyof OpAttributes]: OpAttributes[Op] extends Window ? Op : never }[keyof OpAttributes];

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];
/** `[height, width, in, out]` to ONNX's `[out, in, height, width]`. */
const FILTER = [3, 2, 0, 1];

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
  const grouped = transpose(emitter, filter, [2, 3, 0, 1]);
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
const inputGradient = (
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

/**
 * The convolution of the inputs with the output's gradients as filters, the batch in the place of the channels and
 * strides in the place of dilations.
 */
const filterGradient = (
  inputs: readonly string[],
  value: Value & { attributes: OpAttributes['conv2dFilterGradient'] },
  emitter: Emitter,
): string => {
  const [x = '', dy = ''] = inputs;
  const { strides, paddings, filterShape } = value.attributes;
  const [images, gradient] = [operand(value.operands, 0).shape, operand(value.operands, 1).shape];
  const [batch = 1, height = 1, width = 1, channels = 1] = images;
  const [rows = 1, columns = 1, , last = 1] = filterShape;
  const isDepthwise = value.op === 'depthwiseConv2dFilterGradient';
  const byChannel = transpose(emitter, x, [3, 0, 1, 2]);
  const data = isDepthwise
    ? emitter.emit('Reshape', [byChannel, emitter.int64([1, channels * batch, height, width])])
    : byChannel;
  const made = emitter.emit('Conv', [data, transpose(emitter, dy, [3, 0, 1, 2])], {
    dilations: strides,
    group: isDepthwise ? channels : 1,
    pads: pads(paddings),
    kernel_shape: gradient.slice(1, 3),
  });
  // [in, out, …] or [1, in * multiplier, …]; rows beyond the filter come of what no window reached.
  const cut = emitter.emit('Slice', [
    made,
    emitter.int64([0, 0]),
    emitter.int64([rows, columns]),
    emitter.int64([2, 3]),
  ]);
  const split = isDepthwise ? emitter.emit('Reshape', [cut, emitter.int64([channels, last, rows, columns])]) : cut;
  return transpose(emitter, split, [2, 3, 0, 1]);
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
 * Window by window position, in the order of tfjs: whoever equals the maximum takes what is left of the gradient. What
 * each position took is put back where it came from.
 */
const maxPoolGradient: Lowering<'maxPoolGradient'> = ([dy = '', x = '', y = ''], value, emitter) => {
  const { emit, int64, constant } = emitter;
  const { size, strides, paddings } = value.attributes;
  const [, height = 1, width = 1] = value.shape;
  const [, rows = 1, columns = 1] = operand(value.operands, 0).shape;
  const reach = [
    Math.max(reachOf(rows, strides[0], size[0]), paddings[0][0] + height),
    Math.max(reachOf(columns, strides[1], size[1]), paddings[1][0] + width),
  ] as const;
  const after = [reach[0] - height - paddings[0][0], reach[1] - width - paddings[1][0]] as const;
  const around = int64([0, paddings[0][0], paddings[1][0], 0, 0, after[0], after[1], 0]);
  const whole = emit('Pad', [x, around, constant(Float32Array.of(-Infinity), [])]);
  let left = dy;
  const parts: string[] = [];
  for (let i = 0; i < size[0]; i++) {
    for (let j = 0; j < size[1]; j++) {
      const ends = int64([i + (rows - 1) * strides[0] + 1, j + (columns - 1) * strides[1] + 1]);
      const position = emit('Slice', [whole, int64([i, j]), ends, int64([1, 2]), int64(strides)]);
      const isMaximum = emit('Cast', [emit('Equal', [position, y])], { to: DataType.FLOAT });
      const taken = emit('Mul', [left, isMaximum]);
      left = emit('Sub', [left, taken]);
      parts.push(putBack(emitter, taken, [i, j], value.attributes, [rows, columns], reach));
    }
  }
  const sum = parts.length === 1 ? (parts[0] ?? '') : emit('Sum', parts);
  const begin = paddings.map(([before]) => before);
  const end = [height, width].map((length, axis) => length + (begin[axis] ?? 0));
  return emit('Slice', [sum, int64(begin), int64(end), int64([1, 2])]);
};

/** How many elements `count` windows reach over. */
function reachOf(count: number, stride: number, size: number): number {
  return Math.max((count - 1) * stride + size, count * stride);
}

/** Zeros between the elements of `x`, and around them, so that window w's element lies at `w * stride + offset`. */
function putBack(
  { emit, int64 }: Emitter,
  x: string,
  offset: Pair,
  { strides }: Window,
  [rows, columns]: Pair,
  reach: Pair,
): string {
  const apart = emit('Unsqueeze', [x, int64([2, 4])]);
  const spread = emit('Pad', [apart, int64([0, 0, 0, 0, 0, 0, 0, 0, strides[0] - 1, 0, strides[1] - 1, 0])]);
  const together = emit('Reshape', [spread, int64([0, rows * strides[0], columns * strides[1], -1])]);
  const after = [reach[0] - rows * strides[0] - offset[0], reach[1] - columns * strides[1] - offset[1]] as const;
  return emit('Pad', [together, int64([0, offset[0], offset[1], 0, 0, after[0], after[1], 0])]);
}

/** Of operations on windows; ONNX has channels first. */
export const windowLowerings: { readonly [Op in WindowOp]: Lowering<Op> } = {
  conv2d: convolution,
  conv2dInputGradient: inputGradient,
  conv2dFilterGradient: filterGradient,
  depthwiseConv2d: convolution,
  depthwiseConv2dInputGradient: inputGradient,
  depthwiseConv2dFilterGradient: filterGradient,
  maxPool: pooling('MaxPool'),
  maxPoolGradient,
  avgPool: pooling('AveragePool'),
};
