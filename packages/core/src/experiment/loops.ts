import type { LoopDefinition, TableSpec } from '@fedx/compiler';
import type { ClientRule, Dataset, Model, Optimizer, Parameters, Tensor, TensorMap, Tf } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { tracePlugin } from './plugin-calls.js';

/** Where the compiled programs find the dataset. */
export interface Tables {
  readonly inputs: TableSpec;
  readonly labels: TableSpec;
}

/** The dataset as two tables: inputs mapped from `file`, labels inside the program. Both stay uint8. */
export function tablesOf(dataset: Dataset, file: string): Tables {
  return {
    inputs: {
      name: 'inputs',
      rows: dataset.examples,
      rowShape: dataset.inputShape,
      as: { dtype: 'float32', scale: dataset.scale },
      content: { file, offset: 0 },
    },
    labels: { name: 'labels', rows: dataset.examples, rowShape: [], as: { dtype: 'int32' }, content: dataset.labels },
  };
}

/** Names of the loops' inputs and stacked results. */
export const names = {
  parameter: (name: string) => `parameter/${name}`,
  slot: (slot: string, name: string) => `slot/${slot}/${name}`,
  global: (name: string) => `global/${name}`,
  optimizerHyper: (option: string) => `optimizer/${option}`,
  strategyHyper: (option: string) => `strategy/${option}`,
  losses: 'losses',
  predictions: 'predictions',
} as const;

export interface TrainingLoop {
  readonly tables: Tables;
  readonly classes: number;
  readonly batchSize: number;
  readonly model: Model;
  /** For messages about what goes wrong in its gradient. */
  readonly modelName: string;
  /** Initial parameters, for their names and shapes. */
  readonly parameters: Parameters;
  readonly optimizer: Optimizer;
  readonly optimizerHyper: readonly string[];
  readonly rule?: ClientRule | undefined;
  readonly strategyHyper: readonly string[];
}

/**
 * One local step: the gradient of the batch's mean loss, changed by the strategy's rule, applied by the optimizer.
 * Carries parameters and optimizer slots; stacks the loss of each example.
 */
export function trainingLoop({
  tables,
  classes,
  batchSize,
  model,
  modelName,
  parameters,
  optimizer,
  optimizerHyper,
  rule,
  strategyHyper,
}: TrainingLoop): LoopDefinition {
  const shapes = Object.entries(parameters).map(([name, { shape }]) => ({ name, shape }));
  const slots = optimizer.slots ?? [];
  return {
    batchSize,
    tables: [tables.inputs, tables.labels],
    carried: [
      ...shapes.map(({ name, shape }) => ({ name: names.parameter(name), shape })),
      ...slots.flatMap((slot) => shapes.map(({ name, shape }) => ({ name: names.slot(slot, name), shape }))),
    ],
    constants: [
      ...(rule === undefined ? [] : shapes.map(({ name, shape }) => ({ name: names.global(name), shape }))),
      ...optimizerHyper.map((option) => ({ name: names.optimizerHyper(option), shape: [] })),
      ...(rule === undefined ? [] : strategyHyper.map((option) => ({ name: names.strategyHyper(option), shape: [] }))),
    ],
    step({ tf, carried, constants, batch, weights }) {
      const pick = (from: TensorMap, name: (key: string) => string, keys: readonly string[]) =>
        Object.fromEntries(keys.map((key) => [key, tensorOf(from, name(key))]));
      const keys = shapes.map(({ name }) => name);
      const current = pick(carried, names.parameter, keys);
      const lossesAndGradients = tf.valueAndGrads((...values: Tensor[]) => {
        const { logits } = model.apply({
          tf,
          parameters: zip(keys, values),
          inputs: tensorOf(batch, 'inputs'),
          mode: 'train',
        });
        return crossEntropy(tf, tensorOf(batch, 'labels'), logits, classes);
      });
      // Weighted by what each example counts for in the mean, the gradients of the losses sum to that of the mean loss.
      const start = keys.map((key) => tensorOf(current, key));
      const { value: losses, grads } = tracePlugin(modelName, () => lossesAndGradients(start, weights));

      const batchGradient = zip(keys, grads);
      const gradient =
        rule === undefined
          ? batchGradient
          : rule.gradient({
              tf,
              gradient: batchGradient,
              parameters: current,
              global: pick(constants, names.global, keys),
              hyper: pick(constants, names.strategyHyper, strategyHyper) as never,
            });
      const hyper = pick(constants, names.optimizerHyper, optimizerHyper) as never;
      const next: Record<string, Tensor> = {};
      for (const key of keys) {
        const update = optimizer.update({
          tf,
          parameter: tensorOf(current, key),
          gradient: tensorOf(gradient, key),
          slots: Object.fromEntries(slots.map((slot) => [slot, tensorOf(carried, names.slot(slot, key))])),
          hyper,
        });
        next[names.parameter(key)] = update.parameter;
        for (const slot of slots) next[names.slot(slot, key)] = tensorOf(update.slots ?? {}, slot);
      }
      return { carried: next, stacked: { [names.losses]: losses } };
    },
  };
}

/** Examples that an evaluation step sees. */
const EVALUATION_BATCH = 250;

/** Loss and predicted class of every example. */
export function evaluationLoop({
  tables,
  classes,
  model,
  parameters,
}: Pick<TrainingLoop, 'tables' | 'classes' | 'model' | 'parameters'>): LoopDefinition {
  const shapes = Object.entries(parameters).map(([name, { shape }]) => ({ name: names.parameter(name), shape }));
  return {
    batchSize: EVALUATION_BATCH,
    tables: [tables.inputs, tables.labels],
    carried: [],
    constants: shapes,
    step({ tf, constants, batch }) {
      const values = Object.fromEntries(
        Object.keys(parameters).map((name) => [name, tensorOf(constants, names.parameter(name))]),
      );
      const { logits } = model.apply({ tf, parameters: values, inputs: tensorOf(batch, 'inputs'), mode: 'evaluate' });
      return {
        carried: {},
        stacked: {
          [names.losses]: crossEntropy(tf, tensorOf(batch, 'labels'), logits, classes),
          [names.predictions]: tf.argMax(logits, -1),
        },
      };
    },
  };
}

/** Softmax cross-entropy of each example, `[batch]`. */
function crossEntropy(tf: Tf, labels: Tensor, logits: Tensor, classes: number): Tensor {
  if (logits.shape.length !== 2 || logits.shape[1] !== classes) {
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `The model's logits have shape [${logits.shape.join(', ')}], but the dataset has ${classes} classes: [batch, ${classes}] is needed.`,
    );
  }
  return tf.losses.softmaxCrossEntropy(
    tf.oneHot(tf.cast(labels, 'int32'), classes),
    logits,
    undefined,
    0,
    tf.Reduction.NONE,
  );
}

function tensorOf(tensors: TensorMap, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined)
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `There is no tensor ${name}; there are ${Object.keys(tensors).join(', ')}.`,
    );
  return tensor;
}

function zip(keys: readonly string[], tensors: readonly Tensor[]): TensorMap {
  return Object.fromEntries(tensors.map((tensor, i) => [keys[i] ?? '', tensor] as const));
}
