import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { openCompiled, relativeDistance, runEager, type Values } from '../../testing/run-loop.js';
import type { LoopDefinition } from '../loop.js';
import { kernels } from '../trace/kernels.js';

type Shapes = readonly (readonly number[])[];

/** One tfjs kernel in use. `f` gets a tensor for each shape, with values in `domain`. */
interface Case {
  readonly kernel: string;
  readonly shapes: readonly Shapes[];
  readonly f: (...x: tf.Tensor[]) => tf.Tensor;
  readonly domain?: readonly [number, number];
  /** false where tfjs has no gradient, or one of which a kernel cannot be compiled. */
  readonly differentiable?: boolean;
}

const vectors: readonly Shapes[] = [[[]], [[5]], [[3, 4]], [[2, 3, 4]]];
const pairs: readonly Shapes[] = [
  [[4], [4]],
  [
    [3, 4],
    [3, 4],
  ],
  [[3, 4], [4]],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [[], [3, 4]],
  [[20, 18], [18]],
];
/** tfjs does not differentiate some operations where shapes broadcast. */
const alike = pairs.slice(0, 2);
const matrices: readonly Shapes[] = [[[3, 4]], [[1, 5]], [[20, 18]]];

const unary = (kernel: string, f: Case['f'], more: Partial<Case> = {}): Case => ({
  kernel,
  f,
  shapes: vectors,
  ...more,
});
const binary = (kernel: string, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, more: Partial<Case> = {}): Case => ({
  kernel,
  f: f,
  shapes: pairs,
  ...more,
});
const matrix = (kernel: string, f: (x: tf.Tensor) => tf.Tensor, more: Partial<Case> = {}): Case => ({
  kernel,
  f: f,
  shapes: matrices,
  ...more,
});
/** Few different values, so that comparisons meet ties. */
const coarse = (x: tf.Tensor): tf.Tensor => tf.round(x);
const positive = [0.5, 3] as const;
const constant = { differentiable: false } as const;

const cases: readonly Case[] = [
  unary('Neg', (x) => tf.neg(x)),
  unary('Abs', (x) => tf.abs(x)),
  unary('Sign', (x) => tf.sign(x)),
  unary('Exp', (x) => tf.exp(x)),
  unary('Log', (x) => tf.log(x), { domain: positive }),
  unary('Sqrt', (x) => tf.sqrt(x), { domain: positive }),
  unary('Rsqrt', (x) => tf.rsqrt(x), { domain: positive }),
  unary('Reciprocal', (x) => tf.reciprocal(x), { domain: positive }),
  unary('Square', (x) => tf.square(x)),
  unary('Floor', (x) => tf.floor(x)),
  unary('Ceil', (x) => tf.ceil(x)),
  unary('Round', (x) => tf.round(x)),
  unary('Sin', (x) => tf.sin(x)),
  unary('Cos', (x) => tf.cos(x)),
  unary('Erf', (x) => tf.erf(x)),
  unary('Relu', (x) => tf.relu(x)),
  unary('Relu6', (x) => tf.relu6(x), { domain: [-3, 9] }),
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  unary('Elu', (x) => tf.elu(x)),
  unary('Sigmoid', (x) => tf.sigmoid(x)),
  unary('Tanh', (x) => tf.tanh(x)),
  unary('Softplus', (x) => tf.softplus(x)),
  unary('Step', (x) => tf.step(x, 0.25)),
  unary('Step', (x) => tf.step(x)),
  unary('ClipByValue', (x) => tf.clipByValue(x, -0.5, 1)),
  unary('Identity', (x) => tf.clone(x)),
  unary('Cast', (x) => tf.cast(x, 'int32'), constant),
  unary('Cast', (x) => tf.cast(tf.cast(coarse(x), 'bool'), 'float32'), constant),
  unary('ZerosLike', (x) => tf.add(x, tf.zerosLike(x))),
  unary('ZerosLike', (x) => tf.zerosLike(tf.cast(x, 'int32')), constant),
  unary('OnesLike', (x) => tf.mul(x, tf.onesLike(x))),
  unary('Fill', (x) => tf.mul(x, tf.fill([2, 1, 1, 1], 3))),
  unary('LogicalNot', (x) => tf.logicalNot(tf.greater(x, 0)), constant),
  binary('Add', (a, b) => tf.add(a, b)),
  binary('Sub', (a, b) => tf.sub(a, b)),
  binary('Multiply', (a, b) => tf.mul(a, b)),
  binary('RealDiv', (a, b) => tf.div(a, b), { domain: positive }),
  binary('Maximum', (a, b) => tf.maximum(a, b), { shapes: alike }),
  binary('Maximum', (a, b) => tf.maximum(a, b), constant),
  binary('Minimum', (a, b) => tf.minimum(a, b), { shapes: alike }),
  binary('Minimum', (a, b) => tf.minimum(a, b), constant),
  binary('Pow', (a, b) => tf.pow(a, b), { domain: positive }),
  binary('SquaredDifference', (a, b) => tf.squaredDifference(a, b), { shapes: alike }),
  binary('SquaredDifference', (a, b) => tf.squaredDifference(a, b), constant),
  unary('AddN', (x) => tf.addN([x, tf.square(x), x])),
  binary('Equal', (a, b) => tf.equal(coarse(a), coarse(b)), constant),
  binary('NotEqual', (a, b) => tf.notEqual(coarse(a), coarse(b)), constant),
  binary('Greater', (a, b) => tf.greater(coarse(a), coarse(b)), constant),
  binary('GreaterEqual', (a, b) => tf.greaterEqual(coarse(a), coarse(b)), constant),
  binary('Less', (a, b) => tf.less(coarse(a), coarse(b)), constant),
  binary('LessEqual', (a, b) => tf.lessEqual(coarse(a), coarse(b)), constant),
  binary('LogicalAnd', (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)), constant),
  binary('LogicalOr', (a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0)), constant),
  binary('Select', (a, b) => tf.where(tf.tensor1d([1, 0, 1, 0], 'bool'), a, b), {
    shapes: [
      [[4], [4]],
      [
        [3, 4],
        [3, 4],
      ],
    ],
  }),
  binary('BatchMatMul', (a, b) => tf.matMul(a, b), {
    shapes: [
      [
        [3, 4],
        [4, 5],
      ],
      [
        [1, 7],
        [7, 1],
      ],
      [
        [6, 20],
        [20, 18],
      ],
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ],
  }),
  binary('BatchMatMul', (a, b) => tf.matMul(a, b), {
    shapes: [
      [
        [2, 3, 4],
        [1, 4, 5],
      ],
    ],
    ...constant,
  }),
  binary('BatchMatMul', (a, b) => tf.matMul(a, b, true, false), {
    shapes: [
      [
        [4, 3],
        [4, 5],
      ],
      [
        [2, 4, 3],
        [2, 4, 5],
      ],
    ],
  }),
  binary('BatchMatMul', (a, b) => tf.matMul(a, b, false, true), {
    shapes: [
      [
        [3, 4],
        [5, 4],
      ],
      [
        [5, 18],
        [20, 18],
      ],
    ],
  }),
  binary('BatchMatMul', (a, b) => tf.matMul(a, b, true, true), {
    shapes: [
      [
        [4, 3],
        [5, 4],
      ],
      [
        [2, 4, 3],
        [2, 5, 4],
      ],
    ],
  }),
  unary('Sum', (x) => tf.sum(x)),
  unary('Mean', (x) => tf.mean(x)),
  unary('Max', (x) => tf.max(x)),
  unary('Min', (x) => tf.min(x)),
  unary('Prod', (x) => tf.prod(x), constant),
  matrix('Sum', (x) => tf.sum(x, 0)),
  matrix('Sum', (x) => tf.sum(x, -1, true)),
  matrix('Mean', (x) => tf.mean(x, 1)),
  matrix('Max', (x) => tf.max(x, 1)),
  matrix('Min', (x) => tf.min(x, 0, true)),
  matrix('Prod', (x) => tf.prod(x, 1), constant),
  matrix('ArgMax', (x) => tf.argMax(x, -1), constant),
  matrix('Softmax', (x) => tf.softmax(x)),
  matrix('Max', (x) => tf.logSoftmax(x)),
  matrix('Reshape', (x) => tf.reshape(x, [1, -1])),
  matrix('ExpandDims', (x) => tf.expandDims(x, -1)),
  matrix('Transpose', (x) => tf.transpose(x)),
  matrix('Transpose', (x) => tf.transpose(x, [2, 0, 1]), { shapes: [[[2, 3, 4]]] }),
  matrix('Slice', (x) => tf.slice(x, [0, 1], [-1, 2])),
  matrix('PadV2', (x) =>
    tf.pad(
      x,
      [
        [1, 2],
        [0, 3],
      ],
      0.5,
    ),
  ),
  matrix('Tile', (x) => tf.tile(x, [2, 3])),
  matrix('Tile', (x) => tf.broadcastTo(x, [2, 3, 4]), { shapes: [[[3, 4]], [[4]], [[3, 1]]] }),
  binary('Concat', (a, b) => tf.concat([a, b], 1), {
    shapes: [
      [
        [3, 4],
        [3, 2],
      ],
      [
        [2, 3, 4],
        [2, 1, 4],
      ],
    ],
  }),
  binary('Concat', (a, b) => tf.concat([a, b], -1), {
    shapes: [
      [
        [3, 4],
        [3, 2],
      ],
    ],
  }),
  binary('Pack', (a, b) => tf.stack([a, b], 1), {
    shapes: [
      [
        [3, 4],
        [3, 4],
      ],
      [[3], [3]],
    ],
  }),
  binary('Pack', (a, b) => tf.stack([a, b], -1), {
    shapes: [
      [
        [3, 4],
        [3, 4],
      ],
    ],
  }),
  matrix('SplitV', (x) => tf.add(...(tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor])), { shapes: [[[3, 4]], [[20, 18]]] }),
  matrix('Unpack', (x) => tf.mul(...(tf.unstack(x, 1) as [tf.Tensor, tf.Tensor])), { shapes: [[[3, 2]], [[2, 2, 3]]] }),
  matrix('GatherV2', (x) => tf.gather(x, tf.tensor1d([0, 0], 'int32'), 1), constant),
  matrix(
    'GatherV2',
    (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [0, 2],
            [1, 1],
          ],
          [2, 2],
          'int32',
        ),
        -1,
      ),
    constant,
  ),
  matrix('OneHot', (x) => tf.oneHot(tf.cast(x, 'int32'), 4, 3, -1), { domain: [0, 3.9], ...constant }),
];

/** A value for every place, different from its neighbours', spread over `domain` and away from its middle. */
function spread(shape: readonly number[], [low, high]: readonly [number, number], seed: number): Values {
  const size = shape.reduce((product, axis) => product * axis, 1);
  const data = Float32Array.from(
    { length: size },
    (_, i) => low + (high - low) * ((((i + 1) * 0.618034 + seed * 0.277) % 1) * 0.98 + 0.013),
  );
  return { shape, data };
}

function loopOf({ f, differentiable = true }: Case, shapes: Shapes): LoopDefinition {
  const names = shapes.map((_, i) => `x${i}`);
  const score = (y: tf.Tensor): tf.Scalar => tf.sum(tf.add(tf.square(y), y));
  return {
    batchSize: 1,
    tables: [],
    carried: shapes.map((shape, i) => ({ name: `x${i}`, shape })),
    constants: [],
    step: ({ carried }) => {
      const x = names.map((name) => carried[name] as tf.Tensor);
      const y = f(...x);
      const gradients = differentiable ? tf.grads((...values: tf.Tensor[]) => score(f(...values)))(x) : [];
      return {
        carried,
        stacked: { y, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient-${i}`, gradient])) },
      };
    },
  };
}

const rows = cases.flatMap((one) =>
  one.shapes.map((shapes) => ({ kernel: one.kernel, one, shapes, of: JSON.stringify(shapes) })),
);

describe('a compiled operation', () => {
  it.each(rows)('$kernel of $of gives what tfjs gives, and its gradients', async ({ kernel, one, shapes }) => {
    const loop = loopOf(one, shapes);
    const carried = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, spread(shape, one.domain ?? [-2, 2], i)]));
    const inputs = { rows: [[0]], weights: [[1]], carried };
    const compiled = await (await openCompiled(loop))(inputs);
    const eager = await runEager(loop, inputs);
    expect(Object.keys(compiled.stacked).sort()).toEqual(Object.keys(eager.stacked).sort());
    for (const [name, expected] of Object.entries(eager.stacked)) {
      expect(compiled.stacked[name]?.shape, name).toEqual(expected.shape);
      expect(relativeDistance(compiled.stacked[name], expected), name).toBeLessThanOrEqual(1e-5);
    }
    const { kernelNames } = await tf.profile(() =>
      one.f(...Object.values(carried).map(({ shape, data }) => tf.tensor(data, [...shape]))),
    );
    expect(kernelNames).toContain(kernel);
  });

  it('is in these tests for every kernel that can be traced', () => {
    const tried = [...cases.map(({ kernel }) => kernel), 'EluGrad'];
    expect(Object.keys(kernels).filter((kernel) => !tried.includes(kernel))).toEqual([]);
  });
});
