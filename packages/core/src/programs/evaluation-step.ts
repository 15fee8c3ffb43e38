import type { LoopDefinition } from '@fedx/compiler';
import { applyModel, crossEntropy, type ModelOnData, see } from './model-pass.js';
import { names, pick } from './names.js';

/** Examples that an evaluation step sees. */
const EVALUATION_BATCH = 250;

/** Loss and predicted class of every example. */
export function evaluationStep(options: ModelOnData): LoopDefinition {
  const { tables, parameters } = options;
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
      return {
        carried: {},
        stacked: {
          [names.losses]: crossEntropy(tf, seen.labels, logits),
          [names.predictions]: tf.argMax(logits, -1),
        },
      };
    },
  };
}
