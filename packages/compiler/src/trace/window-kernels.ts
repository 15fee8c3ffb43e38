import { CompileError } from '../compile-error.js';
import type { Builder, Pair, Shape, Value, Window } from '../ir/index.js';
import { tf } from '../tfjs.js';
import { filled, type KernelCall, type Kernels, refuse, reshape } from './kernel-call.js';

type Attributes = KernelCall['attributes'];
/** What tfjs computes of a convolution's or a pool's attributes. */
type WindowInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

const TO_LAST = [0, 2, 3, 1] as const;
const TO_FIRST = [0, 3, 1, 2] as const;

/** Convolutions and pools, with paddings in numbers and channels last. */
export const windowKernels: Kernels = {
  Conv2D: convolution(false),
  Conv2DBackpropInput: (call) => {
    const { operand, attributes, builder } = call;
    const inputShape = attributes['inputShape'] as number[];
    const [dy, filter] = [channelsLast(call, operand('dy')), operand('filter')];
    const info = convolutionInfo(inputShape, filter.shape, attributes, false);
    const made = builder.make('conv2dInputGradient', [dy, filter], { ...windowOf(info), inputShape: imagesOf(info) });
    return channelsAsGiven(call, made);
  },
  Conv2DBackpropFilter: (call) => {
    const { operand, attributes, builder } = call;
    const filterShape = attributes['filterShape'] as number[];
    const info = convolutionInfo(operand('x').shape, filterShape, attributes, false);
    const operands = [channelsLast(call, operand('x')), channelsLast(call, operand('dy'))];
    return builder.make('conv2dFilterGradient', operands, { ...windowOf(info), filterShape });
  },
  DepthwiseConv2dNative: convolution(true),
  DepthwiseConv2dNativeBackpropInput: ({ operand, attributes, builder }) => {
    const inputShape = attributes['inputShape'] as number[];
    const info = convolutionInfo(inputShape, operand('filter').shape, attributes, true);
    return builder.make('depthwiseConv2dInputGradient', [operand('dy'), operand('filter')], {
      ...windowOf(info),
      inputShape,
    });
  },
  DepthwiseConv2dNativeBackpropFilter: ({ operand, attributes, builder }) => {
    const filterShape = attributes['filterShape'] as number[];
    const info = convolutionInfo(operand('x').shape, filterShape, attributes, true);
    return builder.make('depthwiseConv2dFilterGradient', [operand('x'), operand('dy')], {
      ...windowOf(info),
      filterShape,
    });
  },
  MaxPool: ({ operand, attributes, builder }) =>
    builder.make('maxPool', [operand('x')], poolOf(operand('x'), attributes)),
  MaxPoolGrad: ({ operand, attributes, builder }) =>
    builder.make(
      'maxPoolGradient',
      [operand('dy'), operand('input'), operand('output')],
      gradientPoolOf('MaxPoolGrad', operand('input'), operand('dy'), attributes),
    ),
  AvgPool: ({ operand, attributes, builder }) =>
    builder.make('avgPool', [operand('x')], poolOf(operand('x'), attributes)),
  AvgPoolGrad: ({ operand, attributes, builder }) => {
    const [dy, input] = [operand('dy'), operand('input')];
    const pool = gradientPoolOf('AvgPoolGrad', input, dy, attributes);
    const share = builder.make('mul', [dy, builder.scalar(1 / (pool.size[0] * pool.size[1]))], {});
    if (coversOnce(pool)) return spread(builder, share, pool.size, input.shape);
    const ones = filled(builder, 1, [...pool.size, input.shape[3] ?? 1, 1], 'float32');
    const { strides, paddings } = pool;
    return builder.make('depthwiseConv2dInputGradient', [share, ones], { strides, paddings, inputShape: input.shape });
  },
};

/** A convolution of x and filter; also what the fused kernels begin with. */
export function convolution(isDepthwise: boolean): (call: KernelCall) => Value {
  return (call) => {
    const { operand, attributes, builder } = call;
    const [x, filter] = [operand('x'), operand('filter')];
    const info = convolutionInfo(x.shape, filter.shape, attributes, isDepthwise);
    const dilations = [info.dilationHeight, info.dilationWidth] as const;
    const op = isDepthwise ? 'depthwiseConv2d' : 'conv2d';
    return channelsAsGiven(call, builder.make(op, [channelsLast(call, x), filter], { ...windowOf(info), dilations }));
  };
}

function convolutionInfo(x: Shape, filter: Shape, attributes: Attributes, isDepthwise: boolean): WindowInfo {
  return tf.backend_util.computeConv2DInfo(
    [...x] as [number, number, number, number],
    [...filter] as [number, number, number, number],
    attributes['strides'] as Pair as [number, number],
    (attributes['dilations'] as [number, number] | undefined) ?? 1,
    attributes['pad'] as number,
    attributes['dimRoundingMode'] as 'floor' | undefined,
    isDepthwise,
    isChannelsFirst(attributes) ? 'channelsFirst' : 'channelsLast',
  );
}

function poolOf(x: Value, attributes: Attributes): Window & { readonly size: Pair } {
  const info = tf.backend_util.computePool2DInfo(
    [...x.shape] as [number, number, number, number],
    attributes['filterSize'] as [number, number],
    attributes['strides'] as [number, number],
    1,
    attributes['pad'] as number,
    attributes['dimRoundingMode'] as 'floor' | undefined,
  );
  return { ...windowOf(info), size: [info.filterHeight, info.filterWidth] };
}

/** The gradients' kernels do not know of rounding: where it made another shape, tfjs computes something else. */
function gradientPoolOf(kernel: string, x: Value, dy: Value, attributes: Attributes): ReturnType<typeof poolOf> {
  const pool = poolOf(x, attributes);
  const [, height = 1, width = 1] = x.shape;
  const fits = [height, width].every((length, axis) => {
    const [before, after] = pool.paddings[axis as 0 | 1];
    const count = Math.floor((length + before + after - (pool.size[axis] ?? 1)) / (pool.strides[axis] ?? 1)) + 1;
    return count === dy.shape[axis + 1];
  });
  if (!fits) throw refuse(kernel, 'of a pool whose size is rounded up');
  return pool;
}

/**
 * The padding after the last element is what the last window needs; tfjs's may be more. Throws CompileError where it has another
 * number of columns.
 */
function windowOf(info: WindowInfo): Window {
  const needed = (outputs: number, stride: number, reach: number, size: number, before: number): number =>
    Math.max(0, (outputs - 1) * stride + reach - size - before);
  const { top, left } = info.padInfo;
  const bottom = needed(info.outHeight, info.strideHeight, info.effectiveFilterHeight, info.inHeight, top);
  const right = needed(info.outWidth, info.strideWidth, info.effectiveFilterWidth, info.inWidth, left);
  const columns = Math.floor((info.inWidth + left + right - info.effectiveFilterWidth) / info.strideWidth) + 1;
  if (columns !== info.outWidth)
    throw new CompileError(
      'COMPILE_UNSUPPORTED_OP',
      `Of a padding in one number tfjs takes the width from the height of windows, ${info.outWidth} columns for ${columns}: ` +
        `say 'same', 'valid' or the padding of each side.`,
    );
  return {
    strides: [info.strideHeight, info.strideWidth],
    paddings: [
      [top, bottom],
      [left, right],
    ],
  };
}

/** The input's shape with channels last. */
function imagesOf({ batchSize, inHeight, inWidth, inChannels }: WindowInfo): Shape {
  return [batchSize, inHeight, inWidth, inChannels];
}

/** Whether windows lie side by side within the input, so that each element is in one window at most. */
function coversOnce({ size, strides, paddings }: Window & { readonly size: Pair }): boolean {
  return size.every((length, axis) => length === strides[axis]) && paddings.flat().every((padding) => padding === 0);
}

/** Each element of `x` as often as a window of `size` is large, and zeros for what no window covers. */
function spread(builder: Builder, x: Value, [down, across]: Pair, shape: Shape): Value {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const apart = reshape(builder, x, [batch, height, 1, width, 1, channels]);
  const repeated = builder.make('broadcast', [apart], { shape: [batch, height, down, width, across, channels] });
  const covered = reshape(builder, repeated, [batch, height * down, width * across, channels]);
  const rest = shape.map((size, axis) => [0, size - (covered.shape[axis] ?? 0)] as const);
  return rest.some(([, after]) => after > 0) ? builder.make('pad', [covered], { paddings: rest, value: 0 }) : covered;
}

function isChannelsFirst(attributes: Attributes): boolean {
  return attributes['dataFormat'] === 'NCHW';
}

function channelsLast({ attributes, builder }: KernelCall, x: Value): Value {
  return isChannelsFirst(attributes) ? builder.make('transpose', [x], { permutation: TO_LAST }) : x;
}

function channelsAsGiven({ attributes, builder }: KernelCall, x: Value): Value {
  return isChannelsFirst(attributes) ? builder.make('transpose', [x], { permutation: TO_FIRST }) : x;
}
