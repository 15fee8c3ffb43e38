import type { StepCall, TensorSpec } from '@fedx/compiler';
import type { Model, ModelCall, ModelOutput, Parameters, Tensor, TensorMap, Tf } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { drawsNothing, type KeyedRandom, keyedRandom } from './keyed-random.js';
import { names, tensorOf } from './names.js';
import type { Tables } from './tables.js';

/** A model and the data that it is for. */
export interface ModelOnData {
  readonly tables: Tables;
  readonly classes: number;
  readonly model: Model;
  /** For messages about what goes wrong in it. */
  readonly modelName: string;
  /** Whether the classes to train for go through a map, which is then an input of the program. */
  readonly relabels?: boolean;
  /** Initial parameters, for their names and shapes. */
  readonly parameters: Parameters;
}

/** A batch that is seen, with what its step may draw. */
export interface Seen {
  readonly random: KeyedRandom;
  readonly inputs: Tensor;
  readonly labels: Tensor;
  readonly recurrence: ModelCall['recurrence'];
}

/** The batch of a step. In evaluation nothing is drawn. */
export function see({ tf, batch, constants, ...call }: StepCall, mode: 'train' | 'evaluate'): Seen {
  const labels = tensorOf(batch, 'labels');
  const map = constants[names.labelMap];
  const { uniform, recurrence } = drawnOutsideSteps(call);
  return {
    random: mode === 'train' ? keyedRandom(tf, uniform) : drawsNothing(tf),
    inputs: tensorOf(batch, 'inputs'),
    labels: map === undefined ? labels : tf.gather(map, tf.cast(labels, 'int32')),
    recurrence,
  };
}

type Drawing = Pick<StepCall, 'uniform' | 'recurrence'>;

/** Refuses draws in the step of a recurrence, which is traced once: one draw would serve all its steps. */
function drawnOutsideSteps({ uniform, recurrence }: Drawing): Drawing {
  let isInStep = false;
  const inStep = <Result>(step: () => Result): Result => {
    isInStep = true;
    try {
      return step();
    } finally {
      isInStep = false;
    }
  };
  return {
    uniform(shape) {
      if (!isInStep) return uniform(shape);
      throw new FedxError(
        'FEDX_COMPILE_UNSUPPORTED_OP',
        'The step of a recurrence draws random numbers: one draw would serve all its steps.',
        { hint: 'Draw before the recurrence, and give the step what is drawn as part of its inputs or weights.' },
      );
    },
    recurrence: (call) => recurrence({ ...call, step: (...args) => inStep(() => call.step(...args)) }),
  };
}

/** The same batch, seen without drawing. */
export function evaluated({ random, ...batch }: Seen): Seen {
  return { ...batch, random: drawsNothing(random.tf) };
}

/** The map of labels as an input of a program that has one. */
export function labelMapSpec({ classes, relabels }: ModelOnData): readonly TensorSpec[] {
  return relabels === true ? [{ name: names.labelMap, shape: [classes] }] : [];
}

/** The model's output on a batch. */
export function applyModel(
  { model }: Pick<ModelOnData, 'model'>,
  { random, inputs, recurrence }: Seen,
  parameters: TensorMap,
  mode: 'train' | 'evaluate',
): ModelOutput {
  return model.apply({ tf: random.tf, parameters, inputs, mode, random, recurrence });
}

/** Softmax cross-entropy of each example, `[batch]`. */
export function crossEntropy(tf: Tf, labels: Tensor, logits: Tensor): Tensor {
  return tf.losses.softmaxCrossEntropy(
    tf.oneHot(tf.cast(labels, 'int32'), logits.shape[1] ?? 0),
    logits,
    undefined,
    0,
    tf.Reduction.NONE,
  );
}

/** Names of the parameters that are trained, and of those that are only measured. */
export function rolesOf({ model, parameters }: Pick<ModelOnData, 'model' | 'parameters'>): {
  readonly weights: readonly string[];
  readonly statistics: readonly string[];
} {
  const statistics = new Set(model.statistics ?? []);
  const all = Object.keys(parameters);
  return {
    weights: all.filter((name) => !statistics.has(name)),
    statistics: all.filter((name) => statistics.has(name)),
  };
}
