import type * as tfjs from '@tensorflow/tfjs';
import type { LoopDefinition } from '../../src/index.js';
import type { LoopInputs, NamedValues } from '../run-loop.js';

type Tensors = Readonly<Record<string, tfjs.Tensor>>;
type Tf = typeof tfjs;

/** A whole model and what it is trained on. */
export interface CorpusModel {
  readonly name: string;
  readonly inputShape: readonly number[];
  /** Inputs are token numbers below this, instead of pixels. */
  readonly vocabulary?: number;
  readonly batchSize: number;
  readonly classes: number;
  /** Step size of the gradient descent. */
  readonly rate: number;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  apply(tf: Tf, parameters: Tensors, inputs: tfjs.Tensor): tfjs.Tensor;
}

const EXAMPLES = 60;

/** `x w + b` with the parameters `<name>/kernel` and `<name>/bias`. */
function dense(tf: Tf, p: Tensors, name: string, x: tfjs.Tensor): tfjs.Tensor {
  return tf.add(tf.matMul(x, p[`${name}/kernel`] as tfjs.Tensor), p[`${name}/bias`] as tfjs.Tensor);
}

function conv(
  tf: Tf,
  p: Tensors,
  name: string,
  x: tfjs.Tensor,
  stride = 1,
  padding: 'same' | 'valid' = 'same',
): tfjs.Tensor {
  const filter = p[`${name}/kernel`] as tfjs.Tensor4D;
  const made = tf.conv2d(x as tfjs.Tensor4D, filter, stride, padding);
  const bias = p[`${name}/bias`];
  return bias === undefined ? made : tf.add(made, bias);
}

/** Wu and He 2018: normalised over an image's pixels and a group of channels. */
function groupNorm(tf: Tf, p: Tensors, name: string, x: tfjs.Tensor, groups: number): tfjs.Tensor {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const grouped = tf.reshape(x, [batch, height * width, groups, channels / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const normalised = tf.reshape(tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-5))), x.shape);
  return tf.add(tf.mul(normalised, p[`${name}/scale`] as tfjs.Tensor), p[`${name}/offset`] as tfjs.Tensor);
}

/** He et al. 2016, basic block, with group norm instead of batch norm (Hsieh et al. 2020). */
function block(tf: Tf, p: Tensors, name: string, x: tfjs.Tensor, stride: number): tfjs.Tensor {
  const inner = tf.relu(groupNorm(tf, p, `${name}/norm-1`, conv(tf, p, `${name}/conv-1`, x, stride), 2));
  const outer = groupNorm(tf, p, `${name}/norm-2`, conv(tf, p, `${name}/conv-2`, inner), 2);
  const shortcut = `${name}/shortcut/kernel` in p ? conv(tf, p, `${name}/shortcut`, x, stride) : x;
  return tf.relu(tf.add(outer, shortcut));
}

const denseShapes = (name: string, inputs: number, units: number) => ({
  [`${name}/kernel`]: [inputs, units],
  [`${name}/bias`]: [units],
});
const convShapes = (name: string, size: number, inputs: number, filters: number) => ({
  [`${name}/kernel`]: [size, size, inputs, filters],
  [`${name}/bias`]: [filters],
});
const normShapes = (name: string, channels: number) => ({
  [`${name}/scale`]: [channels],
  [`${name}/offset`]: [channels],
});
const blockShapes = (name: string, inputs: number, filters: number) => ({
  [`${name}/conv-1/kernel`]: [3, 3, inputs, filters],
  ...normShapes(`${name}/norm-1`, filters),
  [`${name}/conv-2/kernel`]: [3, 3, filters, filters],
  ...normShapes(`${name}/norm-2`, filters),
  ...(inputs === filters ? {} : { [`${name}/shortcut/kernel`]: [1, 1, inputs, filters] }),
});

const pool = (tf: Tf, x: tfjs.Tensor): tfjs.Tensor => tf.maxPool(x as tfjs.Tensor4D, 2, 2, 'valid');
const flat = (tf: Tf, x: tfjs.Tensor): tfjs.Tensor => tf.reshape(x, [x.shape[0], -1]);

/** LeCun et al. 1998 as it is used today: relu, max pooling. */
export const lenet = (batchSize: number): CorpusModel => ({
  name: 'lenet',
  inputShape: [28, 28, 1],
  batchSize,
  classes: 10,
  rate: 0.05,
  parameters: {
    ...convShapes('conv-1', 5, 1, 6),
    ...convShapes('conv-2', 5, 6, 16),
    ...denseShapes('dense-1', 256, 120),
    ...denseShapes('dense-2', 120, 84),
    ...denseShapes('logits', 84, 10),
  },
  apply(tf, p, x) {
    const first = pool(tf, tf.relu(conv(tf, p, 'conv-1', x, 1, 'valid')));
    const second = pool(tf, tf.relu(conv(tf, p, 'conv-2', first, 1, 'valid')));
    const hidden = tf.relu(dense(tf, p, 'dense-1', flat(tf, second)));
    return dense(tf, p, 'logits', tf.relu(dense(tf, p, 'dense-2', hidden)));
  },
});

/** McMahan et al. 2017, section 3; 1,663,370 parameters with 32 and 64 filters and 512 units. */
export const mcmahanCnn = (
  batchSize: number,
  [first, second, units]: readonly [number, number, number],
): CorpusModel => ({
  name: 'mcmahan-cnn',
  inputShape: [28, 28, 1],
  batchSize,
  classes: 10,
  rate: 0.05,
  parameters: {
    ...convShapes('conv-1', 5, 1, first),
    ...convShapes('conv-2', 5, first, second),
    ...denseShapes('dense-1', 49 * second, units),
    ...denseShapes('logits', units, 10),
  },
  apply(tf, p, x) {
    const half = pool(tf, tf.relu(conv(tf, p, 'conv-1', x)));
    const quarter = pool(tf, tf.relu(conv(tf, p, 'conv-2', half)));
    return dense(tf, p, 'logits', tf.relu(dense(tf, p, 'dense-1', flat(tf, quarter))));
  },
});

/** Models that are trained on every engine and held against eager tfjs. */
export const models: readonly CorpusModel[] = [
  {
    name: 'mlp',
    inputShape: [8, 8, 1],
    batchSize: 8,
    classes: 10,
    rate: 0.1,
    parameters: { ...denseShapes('hidden', 64, 24), ...denseShapes('logits', 24, 10) },
    apply: (tf, p, x) => dense(tf, p, 'logits', tf.relu(dense(tf, p, 'hidden', flat(tf, x)))),
  },
  lenet(2),
  mcmahanCnn(2, [4, 8, 32]),
  {
    name: 'resnet-gn',
    inputShape: [12, 12, 3],
    batchSize: 4,
    classes: 10,
    rate: 0.02,
    parameters: {
      'stem/kernel': [3, 3, 3, 4],
      ...normShapes('stem-norm', 4),
      ...blockShapes('block-1', 4, 4),
      ...blockShapes('block-2', 4, 8),
      ...denseShapes('logits', 8, 10),
    },
    apply(tf: Tf, p: Tensors, x: tfjs.Tensor): tfjs.Tensor {
      const stem = tf.relu(groupNorm(tf, p, 'stem-norm', conv(tf, p, 'stem', x), 2));
      const features = block(tf, p, 'block-2', block(tf, p, 'block-1', stem, 1), 2);
      return dense(tf, p, 'logits', tf.mean(features, [1, 2]));
    },
  },
  {
    name: 'embedding-classifier',
    inputShape: [7],
    vocabulary: 40,
    batchSize: 6,
    classes: 4,
    rate: 0.5,
    parameters: { embedding: [40, 6], ...denseShapes('hidden', 6, 12), ...denseShapes('logits', 12, 4) },
    apply(tf: Tf, p: Tensors, tokens: tfjs.Tensor): tfjs.Tensor {
      const words = tf.gather(p['embedding'] as tfjs.Tensor, tf.cast(tokens, 'int32'));
      return dense(tf, p, 'logits', tf.tanh(dense(tf, p, 'hidden', tf.mean(words, 1))));
    },
  },
];

/** A number in [0, 1) for each `i`, the same on every machine. */
const scattered = (i: number): number => ((i + 1) * 0.6180339887) % 1;

/** Numbers around zero (around one for scales), with the spread of He et al. 2015. */
export function initialOf({ parameters }: CorpusModel): NamedValues {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, shape], parameter) => {
      const size = shape.reduce((product, axis) => product * axis, 1);
      const spread = shape.length === 1 ? 0.1 : Math.sqrt((6 * (shape.at(-1) as number)) / size);
      const middle = name.endsWith('/scale') ? 1 : 0;
      const data = Float32Array.from(
        { length: size },
        (_, i) => middle + spread * (2 * scattered(i + 97 * parameter) - 1),
      );
      return [name, { shape, data }];
    }),
  );
}

/** Gradient descent on the mean cross-entropy; stacks the losses. */
export function trainingLoopOf(model: CorpusModel): LoopDefinition {
  const { inputShape, vocabulary, classes, batchSize, parameters } = model;
  const names = Object.keys(parameters);
  const width = inputShape.reduce((product, axis) => product * axis, 1);
  return {
    batchSize,
    tables: [
      {
        name: 'inputs',
        rows: EXAMPLES,
        rowShape: inputShape,
        as: vocabulary === undefined ? { dtype: 'float32', scale: 1 / 255 } : { dtype: 'int32' },
        content: Uint8Array.from({ length: EXAMPLES * width }, (_, i) => (vocabulary ?? 256) * scattered(i)),
      },
      {
        name: 'labels',
        rows: EXAMPLES,
        rowShape: [],
        as: { dtype: 'int32' },
        content: Uint8Array.from({ length: EXAMPLES }, (_, i) => classes * scattered(7 * i)),
      },
    ],
    carried: Object.entries(parameters).map(([name, shape]) => ({ name, shape })),
    constants: [{ name: 'rate', shape: [] }],
    step({ tf, carried, constants, batch, weights }) {
      const labels = tf.oneHot(tf.cast(batch['labels'] as tfjs.Tensor, 'int32'), classes);
      const losses = tf.valueAndGrads((...values: tfjs.Tensor[]) => {
        const named = Object.fromEntries(values.map((value, i) => [names[i] ?? '', value]));
        const logits = model.apply(tf, named, batch['inputs'] as tfjs.Tensor);
        return tf.losses.softmaxCrossEntropy(labels, logits, undefined, 0, tf.Reduction.NONE);
      });
      const start = names.map((name) => carried[name] as tfjs.Tensor);
      const { value, grads } = losses(start, weights);
      const rate = constants['rate'] as tfjs.Tensor;
      const next = grads.map((gradient, i) => tf.sub(start[i] as tfjs.Tensor, tf.mul(rate, gradient)));
      return {
        carried: Object.fromEntries(names.map((name, i) => [name, next[i] as tfjs.Tensor])),
        stacked: { losses: value },
      };
    },
  };
}

/** `steps` batches, one after the other through the examples. */
export function trainingInputsOf(model: CorpusModel, steps: number): LoopInputs {
  const { batchSize, rate } = model;
  const rows = Array.from({ length: steps }, (_, step) =>
    Array.from({ length: batchSize }, (_row, i) => (step * batchSize + i) % EXAMPLES),
  );
  return {
    rows,
    weights: rows.map((batch) => batch.map(() => 1 / batchSize)),
    carried: initialOf(model),
    constants: { rate: { shape: [], data: Float32Array.of(rate) } },
  };
}
