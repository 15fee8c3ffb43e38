import type { LoopDefinition } from '@fedx/compiler';
import type { ModelOutput, Tensor, TensorMap, Tf } from '../contracts/index.js';
import { sharedNoise } from '../engines/index.js';
import { FedxError } from '../errors/index.js';
import { tracePlugin } from '../plugins/index.js';
import { applyModel, crossEntropy, labelMapSpec, type ModelOnData, rolesOf, type Seen, see } from './model-pass.js';
import { names, pick, tensorOf } from './names.js';

/** A loss of each example, from the parameters under the gradient and what the model says with them. */
export type LossOf = (parameters: TensorMap, output: ModelOutput, crossEntropy: Tensor) => Tensor;

/** The loss of a strategy's rule. */
export interface RuleLoss {
  /** The strategy, for messages about what goes wrong in its loss. */
  readonly plugin: string;
  readonly lossOf: LossOf;
}

/**
 * The loss of each example, the gradient of their weighted mean, and the model's statistics after this batch.
 * Throws what the model and the rule throw, FEDX_PLUGIN_FAILED where the loss does not depend on a parameter, and
 * FEDX_COMPILE_UNSUPPORTED_OP where it has no gradient; each names the plugin that it comes from.
 */
export function lossesAndGradient(
  options: ModelOnData,
  seen: Seen,
  weights: Tensor,
  parameters: TensorMap,
  rule?: RuleLoss,
): { readonly losses: Tensor; readonly gradient: TensorMap; readonly statistics: TensorMap } {
  const { tf } = seen.random;
  const roles = rolesOf(options);
  const fixed = pick(parameters, (name) => name, roles.statistics);
  const start = roles.weights.map((name) => tensorOf(parameters, name));
  const measured = new Map<string, Tensor>();
  const forward = (lossOf: LossOf): Tensor => {
    const trained = zip(roles.weights, start);
    const output = applyModel(options, seen, { ...fixed, ...trained }, 'train');
    for (const [name, value] of Object.entries(output.statistics ?? {})) measured.set(name, tf.keep(value));
    const losses = lossOf(trained, output, crossEntropy(tf, seen.labels, output.logits));
    // Weights sum to 1 in each step: what is added to every loss is added to their mean.
    return output.penalty === undefined ? losses : tf.add(losses, output.penalty);
  };
  /** The losses and their gradient; what goes wrong between the two is put down to the plugin of `loss`. */
  const differentiate = (loss: NamedLoss) =>
    tracePlugin(loss.plugin, () => {
      // Weighted by what each example counts for in the mean, the gradients of the losses sum to that of the mean loss.
      const { value, grads } = tf.engine().gradients(() => forward(loss.lossOf), start, weights, true);
      return { losses: value, gradient: allGiven(loss, roles.weights, grads) };
    });
  const ofModel = lossOfModel(options.modelName);
  const differentiateRule = (ofRule: RuleLoss) => {
    try {
      return differentiate({ ...ofRule, ...strategyLoss });
    } catch (error) {
      // It is the model's fault where the cross-entropy alone fails as well.
      differentiate(ofModel);
      throw error;
    }
  };
  const { losses, gradient } = rule === undefined ? differentiate(ofModel) : differentiateRule(rule);
  return { losses, gradient, statistics: { ...fixed, ...released(tf, measured) } };
}

/** A loss with what is said where a parameter has no part in it. */
interface NamedLoss extends RuleLoss {
  readonly what: string;
  readonly hint: string;
}

const strategyLoss: Omit<NamedLoss, keyof RuleLoss> = {
  what: 'The loss of the strategy',
  hint: "Make client.loss of what it gets as loss, or of the model's output.",
};

/** The cross-entropy of a model's logits. */
function lossOfModel(plugin: string): NamedLoss {
  return {
    plugin,
    lossOf: (_, __, loss) => loss,
    what: 'The output of the model',
    hint: 'Use it in apply in training, list it in statistics where it is measured and not trained, or leave it out of init.',
  };
}

/** The gradient by name. tfjs gives none for a parameter that has no part in the losses: FEDX_PLUGIN_FAILED. */
function allGiven(
  { plugin, what, hint }: NamedLoss,
  trained: readonly string[],
  grads: readonly (Tensor | undefined)[],
): TensorMap {
  const unused = trained.filter((_, i) => grads[i] === undefined);
  if (unused.length === 0) return zip(trained, grads as readonly Tensor[]);
  const message = `${what} ${plugin} does not depend on ${unused.length === 1 ? 'the parameter' : 'the parameters'} ${unused.join(', ')}, which therefore cannot be trained.`;
  throw new FedxError('FEDX_PLUGIN_FAILED', message, { hint });
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
