import type { Builder, OpAttributes, Shape, Value } from '../ir/index.js';
import { tf } from '../tfjs.js';
import { elementwiseKernels } from './elementwise-kernels.js';
import {
  asFloat,
  asRows,
  axisOf,
  type KernelCall,
  type Kernels,
  refuse,
  reshape,
  type Translate,
} from './kernel-call.js';
import { convolution } from './window-kernels.js';

type Reduce = { [Op in keyof OpAttributes]: Op extends `reduce${string}` ? Op : never }[keyof OpAttributes];

const reduction =
  (op: Reduce): Translate =>
  ({ operand, attributes, builder }) =>
    reduced(builder, op, operand('x'), attributes);

/** Reduces 0 and 1 and makes booleans of the result. */
const ofBooleans =
  (op: Reduce): Translate =>
  ({ operand, attributes, builder }) => {
    const numbers = asFloat(builder, operand('x'));
    return builder.make('cast', [reduced(builder, op, numbers, attributes)], { dtype: 'bool' });
  };

/** Products, reductions, normalisation, and what tfjs fuses of these. */
export const compositeKernels: Kernels = {
  BatchMatMul: product,
  Sum: reduction('reduceSum'),
  /** tfjs takes means of numbers and booleans alike as float32. */
  Mean: ({ operand, attributes, builder }) =>
    reduced(builder, 'reduceMean', asFloat(builder, operand('x')), attributes),
  Max: reduction('reduceMax'),
  Min: reduction('reduceMin'),
  Prod: reduction('reduceProd'),
  All: ofBooleans('reduceMin'),
  Any: ofBooleans('reduceMax'),
  ArgMax: ({ operand, attributes, builder }) =>
    builder.make('argMax', [operand('x')], { axis: axisOf(operand('x'), attributes['axis']) }),
  ArgMin: ({ operand, attributes, builder }) =>
    builder.make('argMax', [builder.make('neg', [operand('x')], {})], {
      axis: axisOf(operand('x'), attributes['axis']),
    }),
  Softmax: ({ operand, builder }) => builder.make('softmax', [operand('logits')], {}),
  /** `(x - mean) / sqrt(variance + epsilon) * scale + offset`. */
  FusedBatchNorm: ({ operand, optional, attributes, builder }) => {
    const epsilon = builder.scalar(attributes['varianceEpsilon'] as number);
    const deviation = builder.make('sqrt', [builder.make('add', [operand('variance'), epsilon], {})], {});
    const [scale, offset] = [optional('scale') ?? builder.scalar(1), optional('offset')];
    const factor = builder.make('div', [scale, deviation], {});
    const centred = builder.make('sub', [operand('x'), operand('mean')], {});
    const scaled = builder.make('mul', [centred, factor], {});
    return offset === undefined ? scaled : builder.make('add', [scaled, offset], {});
  },
  /** Krizhevsky et al. 2012, section 3.3. */
  LRN: (call) => {
    const { x, scale, beta } = localResponse(call);
    return call.builder.make('mul', [x, call.builder.make('pow', [scale, call.builder.scalar(-beta)], {})], {});
  },
  LRNGrad: (call) => {
    const { builder, operand, attributes } = call;
    const { x, scale, beta, neighbours } = localResponse(call);
    const dy = operand('dy');
    const direct = builder.make('mul', [dy, builder.make('pow', [scale, builder.scalar(-beta)], {})], {});
    const share = builder.make('div', [builder.make('mul', [dy, operand('y')], {}), scale], {});
    const factor = builder.scalar(2 * beta * (attributes['alpha'] as number));
    const indirect = builder.make('mul', [builder.make('mul', [neighbours(share), x], {}), factor], {});
    return builder.make('sub', [direct, indirect], {});
  },
  _FusedMatMul: (call) => withBiasAndActivation(call, product(call)),
  FusedConv2D: (call) => withBiasAndActivation(call, convolution(false)(call)),
  FusedDepthwiseConv2D: (call) => withBiasAndActivation(call, convolution(true)(call)),
};

function reduced(builder: Builder, op: Reduce, x: Value, attributes: KernelCall['attributes']): Value {
  const axes = tf.util.parseAxisParam((attributes['axis'] ?? attributes['reductionIndices']) as number | number[], [
    ...x.shape,
  ]);
  return builder.make(op, [x], { axes, keepDimensions: attributes['keepDims'] === true });
}

function product({ operand, attributes, builder }: KernelCall): Value {
  return builder.make('matmul', [operand('a'), operand('b')], {
    transposeA: attributes['transposeA'] === true,
    transposeB: attributes['transposeB'] === true,
    alpha: 1,
  });
}

/** Sums over neighbouring channels are products with a band of ones, which is its own transpose. */
function localResponse({ operand, attributes, builder }: KernelCall) {
  const [radius, bias, alpha, beta] = ['depthRadius', 'bias', 'alpha', 'beta'].map(
    (attribute) => attributes[attribute] as number,
  ) as [number, number, number, number];
  const x = operand('x');
  const channels = x.shape[3] ?? 1;
  const band = Float32Array.from({ length: channels * channels }, (_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= radius ? 1 : 0,
  );
  const shape: Shape = [channels, channels];
  const neighbours = (value: Value): Value => {
    const attributesOfProduct = { transposeA: false, transposeB: false, alpha: 1 };
    const sums = builder.make('matmul', [asRows(builder, value), builder.constant(band, shape)], attributesOfProduct);
    return reshape(builder, sums, value.shape);
  };
  const sums = builder.make('mul', [neighbours(builder.make('mul', [x, x], {})), builder.scalar(alpha)], {});
  return { x, beta, neighbours, scale: builder.make('add', [sums, builder.scalar(bias)], {}) };
}

/** tfjs's names of the activations that it fuses. */
const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  prelu: 'Prelu',
  leakyrelu: 'LeakyRelu',
};

function withBiasAndActivation({ optional, attributes, builder }: KernelCall, linear: Value): Value {
  /** An operand with a number for each channel, which come before rows and columns in NCHW. */
  const byChannel = (name: string): Value | undefined => {
    const given = optional(name);
    const isBefore = given?.shape.length === 1 && attributes['dataFormat'] === 'NCHW';
    return given && isBefore ? reshape(builder, given, [...given.shape, 1, 1]) : given;
  };
  const bias = byChannel('bias');
  const sum = bias === undefined ? linear : builder.make('add', [linear, bias], {});
  const name = attributes['activation'] as string;
  if (name === 'linear') return sum;
  const activate = elementwiseKernels[activations[name] ?? ''];
  if (activate === undefined) throw refuse(name, 'as a fused activation');
  const operand = (wanted: string): Value => (wanted === 'x' ? sum : (byChannel('preluActivationWeights') ?? sum));
  const call = {
    operand,
    optional: operand,
    operands: [sum],
    attributes: { alpha: attributes['leakyreluAlpha'] },
    builder,
  };
  return activate(call) as Value;
}
