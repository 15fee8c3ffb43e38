import type { LoopDefinition } from '@fedx/compiler';
import type { Metric, Tensor, Tf } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { applyModel, crossEntropy, type ModelOnData, see } from './model-pass.js';
import { names, pick } from './names.js';

/** Examples that an evaluation step sees. */
const EVALUATION_BATCH = 250;

/** What a metric measures of each example, and the name that it is known by. */
export interface TracedMetric extends Pick<Metric, 'measure'> {
  readonly name: string;
}

/** Loss and predicted class of every example, and what the metrics measure of it. */
export function evaluationStep(options: ModelOnData & { readonly metrics: readonly TracedMetric[] }): LoopDefinition {
  const { classes, tables, parameters, metrics } = options;
  return {
    batchSize: EVALUATION_BATCH,
    tables: [tables.inputs, tables.labels],
    carried: [],
    constants: Object.entries(parameters).map(([name, { shape }]) => ({ name: names.parameter(name), shape })),
    step(call) {
      const seen = see(call, 'evaluate');
      const { tf } = seen.random;
      const values = pick(call.constants, names.parameter, Object.keys(parameters));
      const { logits } = applyModel(options, seen, values, 'evaluate');
      const labels = tf.cast(seen.labels, 'int32');
      const measured = metrics.flatMap(({ name: metric, measure }) =>
        Object.entries(measure({ tf, logits, labels, classes })).map(
          ([name, value]) => [names.measured(metric, name), checked(tf, metric, name, value)] as const,
        ),
      );
      return {
        carried: {},
        stacked: {
          [names.losses]: crossEntropy(tf, seen.labels, logits),
          [names.predictions]: tf.argMax(logits, -1),
          ...Object.fromEntries(measured),
        },
      };
    },
  };
}

/** What was measured of a batch as float32, where its first axis is that of the examples. */
function checked(tf: Tf, plugin: string, name: string, value: Tensor): Tensor {
  const [examples] = value.shape;
  if (examples === EVALUATION_BATCH) return tf.cast(value, 'float32');
  throw new FedxError(
    'FEDX_PLUGIN_FAILED',
    `The metric ${plugin} measures ${name} of shape [${value.shape.join(', ')}]: one value, or one row, for each example is needed, [batch] or [batch, …], where batch is ${EVALUATION_BATCH}.`,
    { place: { plugin } },
  );
}
