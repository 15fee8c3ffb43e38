import { CompileError } from '../compile-error.js';
import {
  type DType,
  type OpAttributes,
  type OpName,
  type Pair,
  type Shape,
  sameShape,
  type Value,
  type Window,
} from './value.js';

interface Type {
  readonly shape: Shape;
  readonly dtype: DType;
}

type Infer<Op extends OpName> = (operands: readonly Value[], attributes: OpAttributes[Op]) => Type;

const first = (operands: readonly Value[]): Value => operand(operands, 0);

/** Operand `i`; the operations' arities are fixed, so a missing one is a fault of ours. */
export function operand(operands: readonly Value[], i: number): Value {
  const value = operands[i];
  if (value === undefined) throw new CompileError('COMPILE_INVALID', `An operation lacks operand ${i}.`);
  return value;
}

/** Shape of an element-wise operation on `a` and `b`, by numpy's broadcasting rule. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new CompileError('COMPILE_INVALID', `Shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast.`);
    }
    return left === 1 ? right : left;
  });
}

const elementwise = (operands: readonly Value[]): Type => ({
  shape: first(operands).shape,
  dtype: first(operands).dtype,
});
const binary = (operands: readonly Value[]): Type => ({
  shape: broadcastShapes(first(operands).shape, operand(operands, 1).shape),
  dtype: first(operands).dtype,
});
const comparison = (operands: readonly Value[]): Type => ({ ...binary(operands), dtype: 'bool' });
const reduction = (operands: readonly Value[], { axes, keepDimensions }: OpAttributes['reduceSum']): Type => {
  const { shape, dtype } = first(operands);
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return { shape: keepDimensions ? kept : shape.filter((_, axis) => !axes.includes(axis)), dtype };
};
const product = (operands: readonly Value[], { transposeA, transposeB }: OpAttributes['matmul']): Type => {
  const a = first(operands).shape;
  const b = operand(operands, 1).shape;
  const rows = a.at(transposeA ? -1 : -2) ?? 1;
  const columns = b.at(transposeB ? -2 : -1) ?? 1;
  return { shape: [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), rows, columns], dtype: 'float32' };
};

/** How many windows of `size` fit along height and width. */
function windows(shape: Shape, size: Pair, { strides, paddings }: Window): Pair {
  const along = (axis: 0 | 1): number => {
    const [before, after] = paddings[axis];
    return Math.floor(((shape[axis + 1] ?? 0) + before + after - size[axis]) / strides[axis]) + 1;
  };
  return [along(0), along(1)];
}

const convolution =
  (isDepthwise: boolean) =>
  (operands: readonly Value[], attributes: OpAttributes['conv2d']): Type => {
    const x = first(operands).shape;
    const [height = 1, width = 1, inputs = 1, last = 1] = operand(operands, 1).shape;
    const [down, across] = attributes.dilations;
    const spread = windows(x, [(height - 1) * down + 1, (width - 1) * across + 1], attributes);
    return { shape: [x[0] ?? 1, ...spread, isDepthwise ? inputs * last : last], dtype: 'float32' };
  };
const inputGradient = (_: readonly Value[], { inputShape }: OpAttributes['conv2dInputGradient']): Type => ({
  shape: inputShape,
  dtype: 'float32',
});
const filterGradient = (_: readonly Value[], { filterShape }: OpAttributes['conv2dFilterGradient']): Type => ({
  shape: filterShape,
  dtype: 'float32',
});
const pooling = (operands: readonly Value[], attributes: OpAttributes['maxPool']): Type => {
  const { shape, dtype } = first(operands);
  return { shape: [shape[0] ?? 1, ...windows(shape, attributes.size, attributes), shape[3] ?? 1], dtype };
};

/** Result type of every operation but the leaves, whose types are given. */
export const infer: { readonly [Op in Exclude<OpName, 'input' | 'constant'>]: Infer<Op> } = {
  neg: elementwise,
  abs: elementwise,
  sign: elementwise,
  exp: elementwise,
  log: elementwise,
  sqrt: elementwise,
  reciprocal: elementwise,
  floor: elementwise,
  ceil: elementwise,
  round: elementwise,
  sin: elementwise,
  cos: elementwise,
  tan: elementwise,
  asin: elementwise,
  acos: elementwise,
  atan: elementwise,
  sinh: elementwise,
  cosh: elementwise,
  asinh: elementwise,
  acosh: elementwise,
  atanh: elementwise,
  erf: elementwise,
  relu: elementwise,
  sigmoid: elementwise,
  tanh: elementwise,
  softplus: elementwise,
  not: elementwise,
  softmax: elementwise,
  logSoftmax: elementwise,
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  max: binary,
  min: binary,
  pow: binary,
  mod: binary,
  equal: comparison,
  greater: comparison,
  greaterEqual: comparison,
  less: comparison,
  lessEqual: comparison,
  and: comparison,
  or: comparison,
  select: (operands) => ({
    shape: broadcastShapes(
      first(operands).shape,
      broadcastShapes(operand(operands, 1).shape, operand(operands, 2).shape),
    ),
    dtype: operand(operands, 1).dtype,
  }),
  cast: (operands, { dtype }) => ({ shape: first(operands).shape, dtype }),
  matmul: product,
  gemm: product,
  reduceSum: reduction,
  reduceMax: reduction,
  reduceMin: reduction,
  reduceMean: reduction,
  reduceProd: reduction,
  argMax: (operands, { axis }) => ({ shape: first(operands).shape.filter((_, i) => i !== axis), dtype: 'int32' }),
  reshape: (operands, { shape }) => ({ shape, dtype: first(operands).dtype }),
  broadcast: (operands, { shape }) => ({ shape, dtype: first(operands).dtype }),
  transpose: (operands, { permutation }) => ({
    shape: permutation.map((axis) => first(operands).shape[axis] ?? 1),
    dtype: first(operands).dtype,
  }),
  concat: (operands, { axis }) => ({
    shape: first(operands).shape.map((size, i) =>
      i === axis ? operands.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0) : size,
    ),
    dtype: first(operands).dtype,
  }),
  slice: (operands, { size }) => ({ shape: size, dtype: first(operands).dtype }),
  stridedSlice: (operands, { size }) => ({ shape: size, dtype: first(operands).dtype }),
  pad: (operands, { paddings }) => ({
    shape: first(operands).shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0)),
    dtype: first(operands).dtype,
  }),
  tile: (operands, { repeats }) => ({
    shape: first(operands).shape.map((size, axis) => size * (repeats[axis] ?? 1)),
    dtype: first(operands).dtype,
  }),
  gather: (operands, { axis }) => {
    const { shape, dtype } = first(operands);
    return { shape: [...shape.slice(0, axis), ...operand(operands, 1).shape, ...shape.slice(axis + 1)], dtype };
  },
  scan: (operands, { length }) => ({ shape: [length, ...first(operands).shape], dtype: 'float32' }),
  window: (operands, { size }) => ({ shape: [size], dtype: first(operands).dtype }),
  oneHot: (operands, { depth }) => ({ shape: [...first(operands).shape, depth], dtype: 'float32' }),
  segmentSum: (operands, { segments }) => {
    const { shape, dtype } = first(operands);
    return { shape: [segments, ...shape.slice(1)], dtype };
  },
  conv2d: convolution(false),
  conv2dInputGradient: inputGradient,
  conv2dFilterGradient: filterGradient,
  depthwiseConv2d: convolution(true),
  depthwiseConv2dInputGradient: inputGradient,
  depthwiseConv2dFilterGradient: filterGradient,
  maxPool: pooling,
  maxPoolGradient: (operands) => ({ shape: operand(operands, 1).shape, dtype: 'float32' }),
  avgPool: pooling,
};
