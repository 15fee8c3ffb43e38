import type { LoopDefinition } from '@fedx/compiler';
import type { ModelOutput, Tensor, TensorMap, Tf } from '../contracts/index.js';
import { sharedNoise } from '../engines/index.js';
import { tracePlugin } from '../plugins/index.js';
import { applyModel, crossEntropy, labelMapSpec, type ModelOnData, rolesOf, type Seen, see } from './model-pass.js';
import { names, pick, tensorOf } from './names.js';

/** A loss of each example, from the parameters under the gradient and what the model says with them. */
export type LossOf = (parameters: TensorMap, output: ModelOutput, crossEntropy: Tensor) => Tensor;

/** The loss of each example, the gradient of their weighted mean, and the model's statistics after this batch. */
export function lossesAndGradient(
  options: ModelOnData,
  seen: Seen,
  weights: Tensor,
  parameters: TensorMap,
  lossOf: LossOf = (_, __, loss) => loss,
): { readonly losses: Tensor; readonly gradient: TensorMap; readonly statistics: TensorMap } {
  const { tf } = seen.random;
  const roles = rolesOf(options);
  const fixed = pick(parameters, (name) => name, roles.statistics);
  const measured = new Map<string, Tensor>();
  const f = tf.valueAndGrads((...values: Tensor[]) => {
    const trained = zip(roles.weights, values);
    const output = applyModel(options, seen, { ...fixed, ...trained }, 'train');
    for (const [name, value] of Object.entries(output.statistics ?? {})) measured.set(name, tf.keep(value));
    const losses = lossOf(trained, output, crossEntropy(tf, seen.labels, output.logits));
    // Weights sum to 1 in each step: what is added to every loss is added to their mean.
    return output.penalty === undefined ? losses : tf.add(losses, output.penalty);
  });
  // Weighted by what each example counts for in the mean, the gradients of the losses sum to that of the mean loss.
  const start = roles.weights.map((name) => tensorOf(parameters, name));
  const { value: losses, grads } = tracePlugin(options.modelName, () => f(start, weights));
  return { losses, gradient: zip(roles.weights, grads), statistics: { ...fixed, ...released(tf, measured) } };
}

/** Tensors that were kept through the end of the gradient, given back to the scope of the step. */
function released(tf: Tf, kept: ReadonlyMap<string, Tensor>): TensorMap {
  return Object.fromEntries(
    [...kept].map(([name, tensor]) => {
      const own = tf.clone(tensor);
      tensor.dispose();
      return [name, own];
    }),
  );
}

/**
 * One pass over a client's data at fixed parameters: carries the sum of the examples' gradients, stacks their losses.
 * Draws as the training does, where the model draws.
 */
export function gradientPass(options: ModelOnData & { readonly batchSize: number }): LoopDefinition {
  const { tables, batchSize, parameters } = options;
  const { weights: trained } = rolesOf(options);
  const shapes = (keys: readonly string[], naming: (name: string) => string) =>
    keys.map((name) => ({ name: naming(name), shape: parameters[name]?.shape ?? [] }));
  return {
    batchSize,
    noise: sharedNoise,
    tables: [tables.inputs, tables.labels],
    carried: shapes(trained, names.sum),
    constants: [...shapes(Object.keys(parameters), names.parameter), ...labelMapSpec(options)],
    step(call) {
      const { carried, constants, weights } = call;
      const seen = see(call, 'train');
      const { tf } = seen.random;
      const current = pick(constants, names.parameter, Object.keys(parameters));
      const { losses, gradient } = lossesAndGradient(options, seen, weights, current);
      /** Examples of the batch, less those that only fill it. */
      const examples = tf.sum(tf.sign(weights));
      return {
        carried: Object.fromEntries(
          trained.map((name) => [
            names.sum(name),
            tf.add(tensorOf(carried, names.sum(name)), tf.mul(tensorOf(gradient, name), examples)),
          ]),
        ),
        stacked: { [names.losses]: losses },
      };
    },
  };
}

function zip(keys: readonly string[], tensors: readonly Tensor[]): TensorMap {
  return Object.fromEntries(tensors.map((tensor, i) => [keys[i] ?? '', tensor] as const));
}
