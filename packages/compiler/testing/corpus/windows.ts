import * as tf from '@tensorflow/tfjs';
import type { CorpusEntry, Shapes } from './entry.js';

type Padding = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];
type Pair = [number, number];

interface Convolution {
  readonly strides?: number | Pair;
  readonly padding?: Padding;
  readonly dilations?: number | Pair;
  readonly shapes?: readonly Shapes[];
}

const explicit: Padding = [
  [0, 0],
  [1, 2],
  [0, 3],
  [0, 0],
];
/** Few and many channels, and sizes of which a stride leaves a rest. */
const filters: readonly Shapes[] = [
  [
    [2, 6, 5, 2],
    [3, 3, 2, 4],
  ],
  [
    [2, 7, 8, 1],
    [5, 4, 1, 3],
  ],
  [
    [3, 6, 6, 16],
    [3, 3, 16, 8],
  ],
];
const channelFilters: readonly Shapes[] = [
  [
    [2, 6, 5, 3],
    [3, 3, 3, 1],
  ],
  [
    [2, 7, 8, 2],
    [3, 2, 2, 3],
  ],
];
/** How convolutions are used. */
const uses: readonly (readonly [string, Convolution])[] = [
  ['valid padding', { padding: 'valid' }],
  ['same padding', { padding: 'same' }],
  ['stride 2, same padding', { strides: 2, padding: 'same' }],
  ['stride 2, valid padding, a rest', { strides: 2, padding: 'valid' }],
  ['strides 1 and 3', { strides: [1, 3], padding: 'valid' }],
  ['padding in numbers', { padding: 1 }],
  ['explicit padding', { padding: explicit }],
  ['explicit padding, stride 2', { padding: explicit, strides: 2 }],
];
const dilated: readonly (readonly [string, Convolution])[] = [
  ['dilation 2', { dilations: 2, padding: 'valid', shapes: [filters[0] ?? []] }],
  ['dilations 2 and 1, same padding', { dilations: [2, 1], padding: 'same', shapes: filters }],
];

const conv2d =
  ({ strides = 1, padding = 'valid', dilations = 1 }: Convolution) =>
  (x: tf.Tensor, filter: tf.Tensor): tf.Tensor4D =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding, 'NHWC', dilations);

const depthwise =
  ({ strides = 1, padding = 'valid', dilations = 1 }: Convolution) =>
  (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding, 'NHWC', dilations);

const convolutions = (kernel: string, list: typeof uses): readonly CorpusEntry[] =>
  list.map(([title, use]) => ({ kernel, title, f: conv2d(use), shapes: use.shapes ?? filters }));

const depthwiseConvolutions = (kernel: string, list: typeof uses): readonly CorpusEntry[] =>
  list.map(([title, use]) => ({ kernel, title, f: depthwise(use), shapes: channelFilters }));

type Pool = (
  x: tf.Tensor4D,
  size: Pair | number,
  strides: Pair | number,
  padding: Padding,
  rounding?: 'ceil',
) => tf.Tensor;

const images: readonly Shapes[] = [[[2, 6, 6, 3]], [[2, 7, 5, 2]]];
const pools: readonly (readonly [string, Pair | number, Pair | number, Padding, 'ceil'?])[] = [
  ['side by side', 2, 2, 'valid'],
  ['side by side, 3 by 2', [3, 2], [3, 2], 'valid'],
  ['overlapping', 3, 2, 'valid'],
  ['overlapping, same padding', 3, 2, 'same'],
  ['stride 1, same padding', [2, 3], 1, 'same'],
  ['apart', 2, 3, 'valid'],
  ['padding in numbers', 3, 2, 1],
  ['padding in numbers, rounded up', 3, 2, 1, 'ceil'],
];
const pooled = (kernel: string, pool: Pool, more: Partial<CorpusEntry> = {}): readonly CorpusEntry[] =>
  pools.map(([title, size, strides, padding, rounding]) => ({
    kernel,
    title: more.values === 'tied' ? `${title}, with ties` : title,
    f: (x) => pool(x as tf.Tensor4D, size, strides, padding, rounding),
    shapes: images,
    // tfjs's gradients of pools do not know of rounding.
    differentiable: rounding === undefined,
    ...more,
  }));
const maxPool: Pool = (x, ...use) => tf.maxPool(x, ...use);
const avgPool: Pool = (x, ...use) => tf.avgPool(x, ...use);

const separableShapes: readonly Shapes[] = [
  [
    [2, 5, 6, 3],
    [3, 3, 3, 2],
    [1, 1, 6, 4],
  ],
];

type FusedConv = Parameters<typeof tf.fused.conv2d>[0];

/** Images of three channels, four filters, and a number for each of these, which `more` says the use of. */
const fusedConv = (
  title: string,
  images: readonly number[],
  more: (numbers: tf.Tensor) => Partial<FusedConv>,
): CorpusEntry => ({
  kernel: 'FusedConv2D',
  title,
  f: (x, filter, numbers) =>
    tf.fused.conv2d({ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 'same', ...more(numbers) }),
  shapes: [[images, [3, 3, 3, 4], [4]]],
});

export const windows: readonly CorpusEntry[] = [
  ...convolutions('Conv2D', uses),
  ...convolutions('Conv2D', dilated),
  ...convolutions('Conv2DBackpropInput', uses.slice(0, 1)),
  ...convolutions('Conv2DBackpropFilter', uses.slice(0, 1)),
  {
    kernel: 'Conv2D',
    title: '1 by 1',
    f: conv2d({}),
    shapes: [
      [
        [2, 4, 4, 9],
        [1, 1, 9, 5],
      ],
    ],
  },
  {
    kernel: 'Conv2D',
    title: '1 by 1, stride 2',
    f: conv2d({ strides: 2, padding: 'same' }),
    shapes: [
      [
        [2, 5, 4, 9],
        [1, 1, 9, 5],
      ],
    ],
  },
  {
    kernel: 'Conv2D',
    title: '1 by 1, stride 2, of one channel',
    f: conv2d({ strides: 2 }),
    shapes: [
      [
        [1, 64, 64, 1],
        [1, 1, 1, 2],
      ],
    ],
  },
  {
    kernel: 'Conv2D',
    title: 'of sequences: conv1d',
    f: (x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 1, 'same'),
    shapes: [
      [
        [2, 7, 3],
        [3, 3, 4],
      ],
    ],
  },
  {
    kernel: 'Conv2DBackpropInput',
    title: 'as conv2dTranspose',
    f: (x, filter) => tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 6, 3], 2, 'same'),
    shapes: [
      [
        [2, 4, 3, 5],
        [3, 3, 3, 5],
      ],
    ],
  },
  ...depthwiseConvolutions('DepthwiseConv2dNative', uses),
  ...depthwiseConvolutions('DepthwiseConv2dNative', dilated),
  ...depthwiseConvolutions('DepthwiseConv2dNativeBackpropInput', uses.slice(0, 1)),
  ...depthwiseConvolutions('DepthwiseConv2dNativeBackpropFilter', uses.slice(0, 1)),
  {
    kernel: 'DepthwiseConv2dNative',
    title: 'separable, stride 2',
    f: (x, depth, point) => tf.separableConv2d(x as tf.Tensor4D, depth as tf.Tensor4D, point as tf.Tensor4D, 2, 'same'),
    shapes: separableShapes,
  },
  ...pooled('MaxPool', maxPool),
  ...pooled('MaxPoolGrad', maxPool, { values: 'tied' }).filter(({ differentiable }) => differentiable),
  {
    kernel: 'DepthwiseConv2dNative',
    title: 'other strides across than down',
    f: depthwise({ strides: [2, 1], padding: 'same' }),
    shapes: channelFilters,
  },
  {
    kernel: 'AvgPool',
    title: 'overlapping, other strides across than down',
    f: (x) => tf.avgPool(x as tf.Tensor4D, 2, [2, 1], 'same'),
    shapes: [[[2, 5, 6, 3]], [[1, 4, 4, 2]]],
  },
  ...pooled('AvgPool', avgPool),
  ...pooled('AvgPoolGrad', avgPool).slice(0, 1),
  {
    kernel: 'MaxPool',
    title: 'of a convolution with bias and relu',
    f: (x, filter, bias) =>
      tf.maxPool(tf.relu<tf.Tensor4D>(tf.add(conv2d({ padding: 'same' })(x, filter), bias)), 2, 2, 'valid'),
    shapes: [
      [[2, 6, 8, 1], [5, 5, 1, 4], [4]],
      [[2, 6, 8, 16], [3, 3, 16, 4], [4]],
      [[2, 7, 9, 9], [2, 3, 9, 4], [4]],
      // The gradient of the images is computed image by image.
      [[3, 25, 26, 8], [5, 5, 8, 20], [20]],
    ],
  },
  {
    kernel: 'MaxPool',
    title: 'of a convolution with relu, with ties',
    f: (x, filter) =>
      tf.maxPool(tf.relu<tf.Tensor4D>(conv2d({ padding: 'valid' })(x, filter)), [3, 2], [3, 2], 'valid'),
    shapes: [
      [
        [2, 8, 8, 2],
        [3, 3, 2, 4],
      ],
    ],
    values: 'tied',
  },
  {
    kernel: 'Conv2D',
    title: 'whose gradient is computed for three images at a time',
    f: conv2d({ padding: 'same' }),
    shapes: [
      [
        [6, 20, 20, 8],
        [1, 9, 8, 16],
      ],
    ],
  },
  {
    kernel: 'Conv2D',
    title: 'of seven rows',
    f: conv2d({}),
    shapes: [
      [
        [2, 12, 7, 8],
        [7, 2, 8, 9],
      ],
    ],
  },
  {
    kernel: 'Conv2D',
    title: 'padding beyond the filter',
    f: conv2d({ padding: 4 }),
    shapes: [
      [
        [2, 5, 6, 8],
        [3, 2, 8, 10],
      ],
    ],
  },
  {
    kernel: 'Conv2D',
    title: 'with more patches than are kept',
    f: conv2d({}),
    shapes: [
      [
        [40, 42, 42, 8],
        [3, 3, 8, 1],
      ],
      [
        [40, 42, 42, 8],
        [1, 9, 8, 1],
      ],
      [
        [50, 61, 61, 3],
        [3, 3, 3, 1],
      ],
    ],
  },
  fusedConv('bias and relu', [2, 5, 5, 3], (bias) => ({ bias, activation: 'relu' })),
  {
    ...fusedConv('bias of channels that come first', [2, 3, 5, 4], (bias) => ({ dataFormat: 'NCHW', bias })),
    differentiable: false,
  },
  {
    ...fusedConv('prelu of channels that come first', [2, 3, 5, 4], (preluActivationWeights) => ({
      dataFormat: 'NCHW',
      activation: 'prelu',
      preluActivationWeights,
    })),
    differentiable: false,
  },
  {
    kernel: 'FusedDepthwiseConv2D',
    title: 'bias and elu',
    f: (x, filter, bias) =>
      tf.fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 1,
        pad: 'valid',
        bias,
        activation: 'elu',
      }),
    shapes: [[[2, 5, 5, 3], [3, 3, 3, 2], [6]]],
  },
  ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map((activation) => ({
    kernel: '_FusedMatMul',
    title: `bias and ${activation}`,
    f: (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) =>
      tf.fused.matMul({ a, b, bias, activation, leakyreluAlpha: 0.1 }),
    shapes: [[[3, 4], [4, 5], [5]]],
  })),
  {
    kernel: '_FusedMatMul',
    title: 'prelu',
    f: (a, b, alpha) => tf.fused.matMul({ a, b, activation: 'prelu', preluActivationWeights: alpha }),
    shapes: [[[3, 4], [4, 5], [5]]],
    differentiable: false,
  },
];
