import * as tf from '@tensorflow/tfjs';
import type { CorpusEntry, Shapes } from './entry.js';

const vectors: readonly Shapes[] = [[[]], [[5]], [[3, 4]], [[2, 3, 4]]];
const alike: readonly Shapes[] = [
  [[4], [4]],
  [
    [3, 4],
    [3, 4],
  ],
];
const pairs: readonly Shapes[] = [
  ...alike,
  [[3, 4], [4]],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [[], [3, 4]],
  [[20, 18], [18]],
  // Short runs.
  [
    [40, 30, 2],
    [30, 1],
  ],
  [[1200, 3], [3]],
];

type More = Partial<CorpusEntry>;
const unary = (kernel: string, f: (x: tf.Tensor) => tf.Tensor, more: More = {}): CorpusEntry => ({
  kernel,
  title: 'of any rank',
  f,
  shapes: vectors,
  ...more,
});
const binary = (kernel: string, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, more: More = {}): CorpusEntry => ({
  kernel,
  title: 'with broadcasting',
  f,
  shapes: pairs,
  ...more,
});
const comparison = (kernel: string, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): CorpusEntry =>
  binary(kernel, f, { values: 'tied', ...constant });

const positive = [0.5, 3] as const;
const inner = [-0.9, 0.9] as const;
const tiny = [-1e-7, 1e-7] as const;
const constant = { differentiable: false } as const;
const equalShapes = { title: 'of equal shapes', shapes: alike } as const;
const integers = (x: tf.Tensor): tf.Tensor => tf.cast(tf.mul(x, 3), 'int32');
const nonZeroIntegers = (x: tf.Tensor): tf.Tensor => tf.cast(tf.add(tf.mul(tf.sign(x), 2), x), 'int32');
/** Infinite and undefined values among others. */
const wild = (x: tf.Tensor): tf.Tensor => tf.div(tf.round(x), tf.relu(tf.round(x)));

export const elementwise: readonly CorpusEntry[] = [
  unary('Neg', (x) => tf.neg(x)),
  unary('Abs', (x) => tf.abs(x)),
  unary('Sign', (x) => tf.sign(x)),
  unary('Exp', (x) => tf.exp(x)),
  unary('Expm1', (x) => tf.expm1(x)),
  unary('Expm1', (x) => tf.expm1(x), { title: 'near zero', domain: tiny }),
  unary('Expm1', (x) => tf.expm1(tf.mul(x, 30)), { title: 'of large numbers', ...constant }),
  unary('Expm1', (x) => tf.isFinite(tf.expm1(wild(x))), { title: 'of infinities', ...constant }),
  unary('Log', (x) => tf.log(x), { domain: positive }),
  unary('Log1p', (x) => tf.log1p(x), { domain: positive }),
  unary('Log1p', (x) => tf.log1p(x), { title: 'near zero', domain: tiny }),
  unary('Log1p', (x) => tf.log1p(x), { title: 'near minus one', domain: [-0.9999, -0.3] }),
  unary('Log1p', (x) => tf.isInf(tf.log1p(wild(x))), { title: 'of infinities', ...constant }),
  unary('Sqrt', (x) => tf.sqrt(x), { domain: positive }),
  unary('Rsqrt', (x) => tf.rsqrt(x), { domain: positive }),
  unary('Reciprocal', (x) => tf.reciprocal(x), { domain: positive }),
  unary('Square', (x) => tf.square(x)),
  unary('Floor', (x) => tf.floor(x)),
  unary('Ceil', (x) => tf.ceil(x)),
  unary('Round', (x) => tf.round(x)),
  unary('Sin', (x) => tf.sin(x)),
  unary('Cos', (x) => tf.cos(x)),
  unary('Tan', (x) => tf.tan(x), { domain: [-1.2, 1.2] }),
  unary('Asin', (x) => tf.asin(x), { domain: inner }),
  unary('Acos', (x) => tf.acos(x), { domain: inner }),
  unary('Atan', (x) => tf.atan(x)),
  unary('Sinh', (x) => tf.sinh(x)),
  unary('Cosh', (x) => tf.cosh(x)),
  unary('Asinh', (x) => tf.asinh(x)),
  unary('Acosh', (x) => tf.acosh(x), { domain: [1.2, 4] }),
  unary('Atanh', (x) => tf.atanh(x), { domain: inner }),
  unary('Erf', (x) => tf.erf(x)),
  unary('Relu', (x) => tf.relu(x)),
  unary('Relu6', (x) => tf.relu6(x), { domain: [-3, 9] }),
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  unary('Elu', (x) => tf.elu(x)),
  unary('EluGrad', (x) => tf.elu(x)),
  unary('Selu', (x) => tf.selu(x)),
  unary('Sigmoid', (x) => tf.sigmoid(x)),
  unary('Sigmoid', (x) => tf.mul(x, tf.sigmoid(x)), { title: 'swish' }),
  unary('Tanh', (x) => tf.tanh(x)),
  unary('Tanh', (x) => tf.mul(x, tf.tanh(tf.softplus(x))), { title: 'mish' }),
  unary('Erf', (x) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))), { title: 'gelu' }),
  unary('Softplus', (x) => tf.softplus(x)),
  unary('Step', (x) => tf.step(x, 0.25), { title: 'with alpha' }),
  unary('Step', (x) => tf.step(x)),
  unary('ClipByValue', (x) => tf.clipByValue(x, -0.5, 1)),
  unary('ClipByValue', (x) => tf.clipByValue(integers(x), -1, 2), { title: 'of integers', ...constant }),
  unary('Relu6', (x) => tf.relu6(integers(tf.mul(x, 5))), { title: 'of integers', ...constant }),
  unary('Exp', (x) => tf.exp(integers(x)), { title: 'of integers', ...constant }),
  unary('LeakyRelu', (x) => tf.leakyRelu(integers(x), 0.3), { title: 'of integers', ...constant }),
  unary('Identity', (x) => tf.clone(x)),
  unary('Cast', (x) => tf.cast(x, 'float32'), { title: 'to the same type' }),
  unary('Cast', (x) => tf.cast(x, 'int32'), { title: 'to integers', ...constant }),
  unary('Cast', (x) => tf.cast(tf.cast(tf.round(x), 'bool'), 'float32'), { title: 'to booleans', ...constant }),
  unary('ZerosLike', (x) => tf.add(x, tf.zerosLike(x))),
  unary('ZerosLike', (x) => tf.zerosLike(tf.cast(x, 'int32')), { title: 'of integers', ...constant }),
  unary('OnesLike', (x) => tf.mul(x, tf.onesLike(x))),
  unary('LogicalNot', (x) => tf.logicalNot(tf.greater(x, 0)), constant),
  unary('IsNan', (x) => tf.isNaN(wild(x)), constant),
  unary('IsInf', (x) => tf.isInf(wild(x)), constant),
  unary('IsFinite', (x) => tf.isFinite(wild(x)), constant),
  unary('AddN', (x) => tf.addN([x, tf.square(x), x])),
  binary('Prelu', (x, alpha) => tf.prelu(x, alpha), {
    title: 'a slope for each channel',
    shapes: [
      [[3, 4], [4]],
      [[2, 3, 3, 4], [4]],
    ],
  }),
  binary('Add', (a, b) => tf.add(a, b)),
  binary('Sub', (a, b) => tf.sub(a, b)),
  binary('Multiply', (a, b) => tf.mul(a, b)),
  binary('RealDiv', (a, b) => tf.div(a, b), { domain: positive }),
  binary('Maximum', (a, b) => tf.maximum(a, b), { ...equalShapes, title: 'with ties', values: 'tied' }),
  binary('Maximum', (a, b) => tf.maximum(a, b)),
  binary('Minimum', (a, b) => tf.minimum(a, b)),
  binary('Pow', (a, b) => tf.pow(a, b), { domain: positive }),
  binary('Mod', (a, b) => tf.mod(a, b)),
  binary('Mod', (a, b) => tf.mod(integers(a), nonZeroIntegers(b)), { title: 'of integers', ...constant }),
  binary('FloorDiv', (a, b) => tf.floorDiv(a, b), constant),
  binary('FloorDiv', (a, b) => tf.floorDiv(integers(a), nonZeroIntegers(b)), { title: 'of integers', ...constant }),
  binary('FloorDiv', (a, b) => tf.floorDiv(integers(a), integers(b)), {
    title: 'by integers that may be 0',
    ...constant,
  }),
  binary('Mod', (a, b) => tf.mod(integers(a), integers(b)), { title: 'by integers that may be 0', ...constant }),
  binary('SquaredDifference', (a, b) => tf.squaredDifference(a, b)),
  comparison('Equal', (a, b) => tf.equal(a, b)),
  comparison('NotEqual', (a, b) => tf.notEqual(a, b)),
  comparison('Greater', (a, b) => tf.greater(a, b)),
  comparison('GreaterEqual', (a, b) => tf.greaterEqual(a, b)),
  comparison('Less', (a, b) => tf.less(a, b)),
  comparison('LessEqual', (a, b) => tf.lessEqual(a, b)),
  binary('LogicalAnd', (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)), constant),
  binary('LogicalAnd', (a, b) => tf.logicalXor(tf.greater(a, 0), tf.greater(b, 0)), { title: 'in xor', ...constant }),
  binary('LogicalOr', (a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0)), constant),
  binary('Select', (a, b) => tf.where(tf.tensor1d([1, 0, 1, 0], 'bool'), a, b), equalShapes),
  binary('Select', (a, b) => tf.where(tf.greater(a, b), a, tf.square(b)), { ...equalShapes, title: 'by a comparison' }),
];
