import * as tf from '@tensorflow/tfjs';
import type { CorpusEntry } from './entry.js';

const channels = [[3], [3], [3], [3]] as const;

/** Normalisation by the batch's own statistics, as in training. */
function batchNorm(x: tf.Tensor, offset: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(
    x as tf.Tensor4D,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    offset as tf.Tensor1D,
    scale as tf.Tensor1D,
    1e-3,
  );
}

/** Normalisation over the last axis. */
function layerNorm(x: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));
}

/** Wu and He 2018: statistics of each image over a group of channels. */
export function groupNorm(x: tf.Tensor, groups: number): tf.Tensor {
  const [batch = 1, height = 1, width = 1, last = 1] = x.shape;
  const grouped = tf.reshape(x, [batch, height * width, groups, last / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  return tf.reshape(tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-5))), x.shape);
}

/** Operations as layers and losses use them together. */
export const layers: readonly CorpusEntry[] = [
  {
    kernel: 'FusedBatchNorm',
    title: 'scale and offset',
    f: (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x as tf.Tensor2D,
        mean as tf.Tensor1D,
        tf.abs(variance as tf.Tensor1D),
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        0.1,
      ),
    shapes: [
      [[4, 3], ...channels],
      [[2, 3, 4, 3], ...channels],
    ],
  },
  {
    kernel: 'FusedBatchNorm',
    title: "of the batch's own statistics",
    f: batchNorm,
    shapes: [[[3, 4, 4, 3], [3], [3]]],
  },
  {
    kernel: 'FusedBatchNorm',
    title: 'without scale and offset: no gradient in tfjs',
    f: (x, mean, variance) => tf.batchNorm(x as tf.Tensor2D, mean as tf.Tensor1D, tf.abs(variance as tf.Tensor1D)),
    shapes: [[[4, 3], [3], [3]]],
    differentiable: false,
  },
  {
    kernel: 'LRN',
    title: 'between channels',
    f: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 1, 0.5, 0.75),
    shapes: [[[2, 3, 3, 7]]],
  },
  {
    kernel: 'LRNGrad',
    title: 'between channels',
    f: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 1, 2, 0.3, 0.5),
    shapes: [[[2, 3, 3, 4]]],
  },
  { kernel: 'Mean', title: 'in layer normalisation', f: layerNorm, shapes: [[[4, 6]], [[2, 3, 8]]] },
  {
    kernel: 'Mean',
    title: 'in group normalisation',
    f: (x) => groupNorm(x, 2),
    shapes: [[[2, 3, 3, 4]]],
  },
  {
    kernel: 'Max',
    title: 'in softmax cross-entropy',
    f: (logits) =>
      tf.losses.softmaxCrossEntropy(
        tf.oneHot(tf.tensor1d([0, 3, 1], 'int32'), 4),
        logits,
        undefined,
        0,
        tf.Reduction.NONE,
      ),
    shapes: [[[3, 4]]],
  },
  {
    kernel: 'GatherV2',
    title: 'in cross-entropy of sparse labels',
    f: (logits) => tf.neg(tf.gather(tf.logSoftmax(logits), tf.tensor2d([0, 3, 1], [3, 1], 'int32'), 1, 1)),
    shapes: [[[3, 4]]],
  },
  {
    kernel: 'SquaredDifference',
    title: 'in mean squared error',
    f: (prediction, target) => tf.losses.meanSquaredError(target, prediction),
    shapes: [
      [
        [3, 4],
        [3, 4],
      ],
    ],
  },
];
