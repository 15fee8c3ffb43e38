import type * as tfjs from '@tensorflow/tfjs';
import { tf } from '../tfjs.js';
import { refuseMissingGradients } from './without-gradient.js';

/** A gradient as tfjs's registry takes it, for kernels whose one differentiable operand of interest is `x`. */
type GradientOf = (dy: tfjs.Tensor, saved: tfjs.Tensor[], attributes: Readonly<Record<string, unknown>>) => tfjs.Tensor;

let isRegistered = false;

const ofComparison = 'zero, where tfjs has none and so cannot differentiate a tf.where by a comparison';
const broadcasting = 'with broadcasting too, which tfjs forgets';
const dilated = "with dilations too, where tfjs's throws";
const withoutOnes = "without the array of ones that tfjs's fills";

/** Kernels whose gradient is ours, and why: tfjs 4.22 has none, has it wrong, or makes it slowly. */
export const ownGradients: Readonly<Record<string, string>> = {
  Conv2D: dilated,
  DepthwiseConv2dNative: dilated,
  Maximum: broadcasting,
  Minimum: broadcasting,
  SquaredDifference: broadcasting,
  BatchMatMul: broadcasting,
  StridedSlice: 'where tfjs has none',
  Tile: "one sum, where tfjs's takes a slice for each replica",
  Sum: withoutOnes,
  Mean: withoutOnes,
  AvgPool: "over the border too, where tfjs's divides by the whole window",
  Cumsum: "along any axis, where tfjs's is right for the last one only",
  MirrorPad: "counting what was mirrored, where tfjs's does not",
  Equal: ofComparison,
  NotEqual: ofComparison,
  Greater: ofComparison,
  Less: ofComparison,
  LessEqual: ofComparison,
  LogicalAnd: ofComparison,
  LogicalOr: ofComparison,
  LogicalNot: ofComparison,
};

/**
 * Registers our gradients for all of tfjs's backends, so that eager and compiled training agree; those that there are not
 * are refused by COMPILE_UNSUPPORTED_OP.
 */
export function registerGradients(): void {
  if (isRegistered) return;
  isRegistered = true;
  tf.registerGradient({ kernelName: 'Conv2D', inputsToSave: ['x', 'filter'], gradFunc: convolutionGradient(false) });
  tf.registerGradient({
    kernelName: 'DepthwiseConv2dNative',
    inputsToSave: ['x', 'filter'],
    gradFunc: convolutionGradient(true),
  });
  register('StridedSlice', stridedSliceGradient);
  register('Tile', tileGradient);
  register('Sum', (dy, [x], { axis }) => spread(dy, x?.shape ?? [], axis));
  register('Mean', (dy, [x], { axis }) => tf.div(spread(dy, x?.shape ?? [], axis), (x?.size ?? 1) / dy.size));
  register('AvgPool', avgPoolGradient);
  register('Cumsum', (dy, _, { axis, exclusive, reverse }) =>
    tf.cumsum(dy, axis as number, exclusive as boolean, reverse !== true),
  );
  register('MirrorPad', mirrorPadGradient);
  registerBinary('Maximum', (dy, a, b) => [where(tf.greaterEqual(a, b), dy), where(tf.less(a, b), dy)]);
  registerBinary('Minimum', (dy, a, b) => [where(tf.lessEqual(a, b), dy), where(tf.greater(a, b), dy)]);
  registerBinary('SquaredDifference', (dy, a, b) => {
    const gradient = tf.mul(dy, tf.mul(tf.sub(a, b), 2));
    return [gradient, tf.neg(gradient)];
  });
  registerBinary('BatchMatMul', (dy, a, b, { transposeA, transposeB }) => {
    const [turnA, turnB] = [transposeA === true, transposeB === true];
    return [
      turnA ? tf.matMul(b, dy, turnB, true) : tf.matMul(dy, b, false, !turnB),
      turnB ? tf.matMul(dy, a, true, turnA) : tf.matMul(a, dy, !turnA, false),
    ];
  });
  for (const kernelName of ['Equal', 'NotEqual', 'Greater', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr']) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_, [a, b]) => ({ a: () => tf.zeros(a?.shape ?? []), b: () => tf.zeros(b?.shape ?? []) }),
    });
  }
  register('LogicalNot', (_, [x]) => tf.zeros(x?.shape ?? []));
  refuseMissingGradients();
}

function register(kernelName: string, gradient: GradientOf): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attributes) => ({ x: () => gradient(dy as tfjs.Tensor, saved, attributes) }),
  });
}

type GradientsOf = (
  dy: tfjs.Tensor,
  a: tfjs.Tensor,
  b: tfjs.Tensor,
  attributes: Readonly<Record<string, unknown>>,
) => readonly [tfjs.Tensor, tfjs.Tensor];

/** Registers gradients as they are where nothing broadcasts; each is summed over the axes that were broadcast. */
function registerBinary(kernelName: string, gradients: GradientsOf): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved, attributes) => {
      const [a, b] = saved as [tfjs.Tensor, tfjs.Tensor];
      const both = (): readonly [tfjs.Tensor, tfjs.Tensor] => gradients(dy as tfjs.Tensor, a, b, attributes);
      return { a: () => summedTo(both()[0], a.shape), b: () => summedTo(both()[1], b.shape) };
    },
  });
}

function summedTo(gradient: tfjs.Tensor, shape: number[]): tfjs.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}

/** `x` where the condition holds, and zero elsewhere. */
function where(condition: tfjs.Tensor, x: tfjs.Tensor): tfjs.Tensor {
  return tf.mul(x, tf.cast(condition, 'float32'));
}

type Pair = [number, number];

/**
 * A dilated filter is a larger one with zeros between its elements: its gradients are those of the larger one, of
 * which every second (third, …) element is the filter's.
 */
function convolutionGradient(isDepthwise: boolean): tfjs.GradFunc {
  const [ofInput, ofFilter] = isDepthwise
    ? (['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'] as const)
    : (['Conv2DBackpropInput', 'Conv2DBackpropFilter'] as const);
  return (dy, saved, attributes) => {
    const [x, filter] = saved as [tfjs.Tensor4D, tfjs.Tensor4D];
    const { strides, pad, dataFormat = 'NHWC', dimRoundingMode } = attributes as Record<string, tfjs.Attribute>;
    const steps = asPair((attributes['dilations'] as Pair | number | undefined) ?? 1);
    const wide = steps.reduce<tfjs.Tensor>((values, step, axis) => withZeros(values, axis, step), filter);
    const shared = { strides, pad, dataFormat, dimRoundingMode, dilations: [1, 1] } as unknown as tfjs.NamedAttrMap;
    const run = (kernel: string, inputs: Record<string, tfjs.Tensor>, shape: tfjs.NamedAttrMap): tfjs.Tensor =>
      tf.engine().runKernel(kernel, inputs, { ...shared, ...shape });
    return {
      x: () => run(ofInput, { dy: dy as tfjs.Tensor, filter: wide }, { inputShape: x.shape }),
      filter: () => {
        const gradient = run(ofFilter, { x, dy: dy as tfjs.Tensor }, { filterShape: wide.shape });
        if (steps.every((step) => step === 1)) return gradient;
        return tf.stridedSlice(gradient, [0, 0, 0, 0], gradient.shape, [...steps, 1, 1]);
      },
    };
  };
}

function asPair(value: number | Pair): Pair {
  return typeof value === 'number' ? [value, value] : value;
}

/** `x` with `step - 1` zeros between its elements along `axis`. */
function withZeros(x: tfjs.Tensor, axis: number, step: number): tfjs.Tensor {
  const length = x.shape[axis] ?? 0;
  if (step === 1 || length === 0) return x;
  const apart = padded(tf.expandDims(x, axis + 1), axis + 1, [0, step - 1]);
  const together = tf.reshape(apart, x.shape.toSpliced(axis, 1, length * step));
  return part(together, axis, 0, (length - 1) * step + 1);
}

function padded(x: tfjs.Tensor, axis: number, padding: Pair): tfjs.Tensor {
  return tf.pad(
    x,
    x.shape.map((_, i): Pair => (i === axis ? padding : [0, 0])),
  );
}

function part(x: tfjs.Tensor, axis: number, start: number, length: number): tfjs.Tensor {
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  return tf.slice(
    x,
    begin,
    x.shape.map((size, i) => (i === axis ? length : size)),
  );
}

/** Puts each element back where it was taken from, along one axis after the other. */
function stridedSliceGradient(
  dy: tfjs.Tensor,
  saved: tfjs.Tensor[],
  attributes: Parameters<GradientOf>[2],
): tfjs.Tensor {
  const shape = saved[0]?.shape ?? [];
  const list = (name: string): number[] => attributes[name] as number[];
  const mask = (name: string): number => attributes[name] as number;
  const { begin, end, strides } = tf.slice_util.sliceInfo(
    shape,
    list('begin'),
    list('end'),
    list('strides'),
    mask('beginMask'),
    mask('endMask'),
    mask('ellipsisMask'),
    mask('newAxisMask'),
    mask('shrinkAxisMask'),
  );
  const taken = tf.slice_util.computeOutShape(begin, end, strides);
  return shape.reduce(
    (gradient, size, axis) => {
      const [stride = 1, length = 0, start = 0] = [strides[axis], taken[axis], begin[axis]];
      const forward = stride < 0 ? tf.reverse(gradient, axis) : gradient;
      const first = stride < 0 ? start + (length - 1) * stride : start;
      const apart = withZeros(forward, axis, Math.abs(stride));
      return padded(apart, axis, [first, size - first - (apart.shape[axis] ?? 0)]);
    },
    tf.reshape(dy, taken),
  );
}

function tileGradient(dy: tfjs.Tensor, saved: tfjs.Tensor[], { reps }: Parameters<GradientOf>[2]): tfjs.Tensor {
  const shape = saved[0]?.shape ?? [];
  const repeats = reps as number[];
  const apart = tf.reshape(
    dy,
    shape.flatMap((size, axis) => [repeats[axis] ?? 1, size]),
  );
  return tf.sum(
    apart,
    shape.map((_, axis) => 2 * axis),
  );
}

/** `dy`, which was reduced over some axes of `shape`, over all of it. */
function spread(dy: tfjs.Tensor, shape: readonly number[], axis: unknown): tfjs.Tensor {
  const axes = tf.util.parseAxisParam(axis as number[], [...shape]);
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.mul(tf.reshape(dy, kept), tf.fill([...shape], 1));
}

/** Each element's share is one part of as many as its window holds, which is less where the window reaches beyond. */
function avgPoolGradient(dy: tfjs.Tensor, saved: tfjs.Tensor[], attributes: Parameters<GradientOf>[2]): tfjs.Tensor {
  const [x] = saved as [tfjs.Tensor4D];
  const { filterSize, strides, pad, dimRoundingMode } = attributes as Record<string, tfjs.Attribute>;
  const size = asPair(filterSize as Pair);
  const ones = tf.ones<tfjs.Rank.R4>([1, x.shape[1], x.shape[2], 1]);
  const filter = tf.ones<tfjs.Rank.R4>([...size, 1, 1]);
  const rounding = dimRoundingMode as 'floor' | undefined;
  const held = tf.depthwiseConv2d(ones, filter, strides as Pair, pad as number, 'NHWC', [1, 1], rounding);
  const share = tf.mul(dy, tf.div(size[0] * size[1], held));
  const inputs = { dy: share, input: x } as unknown as tfjs.NamedTensorMap;
  return tf.engine().runKernel('AvgPoolGrad', inputs, { filterSize, strides, pad } as unknown as tfjs.NamedAttrMap);
}

function mirrorPadGradient(dy: tfjs.Tensor, saved: tfjs.Tensor[], attributes: Parameters<GradientOf>[2]): tfjs.Tensor {
  const kept = attributes['mode'] === 'reflect' ? 1 : 0;
  return (attributes['paddings'] as Pair[]).reduce((gradient, [before, after], axis) => {
    const size = saved[0]?.shape[axis] ?? 0;
    const inner = part(gradient, axis, before, size);
    const mirrored = (start: number, length: number, at: number): tfjs.Tensor =>
      padded(tf.reverse(part(gradient, axis, start, length), axis), axis, [at, size - at - length]);
    const fromBefore = before === 0 ? inner : tf.add(inner, mirrored(0, before, kept));
    return after === 0 ? fromBefore : tf.add(fromBefore, mirrored(before + size, after, size - after - kept));
  }, dy);
}
