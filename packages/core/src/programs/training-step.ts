/** A client's local step: the gradient of the batch's mean loss, changed by the strategy's rule, applied by the optimizer. */
import type { LoopDefinition, StepCall, TensorSpec } from '@fedx/compiler';
import type { ClientCall, ClientRule, Optimizer, Scalar, Tensor, TensorMap, Tf, Tree } from '../contracts/index.js';
import { sharedNoise } from '../engines/index.js';
import { lossesAndGradient, type RuleLoss } from './gradient.js';
import { applyModel, evaluated, labelMapSpec, type ModelOnData, rolesOf, type Seen, see } from './model-pass.js';
import { flatten, type Naming, names, pick, tensorOf, unflatten } from './names.js';

/** The traced side of a strategy, with a tree of each form that it gets. */
export interface TracedRule {
  /** The strategy, for messages. */
  readonly plugin: string;
  readonly rule: Pick<ClientRule, 'loss' | 'gradient'>;
  readonly broadcast: Tree;
  readonly state: Tree;
  /** The strategy's numeric options. */
  readonly hyper: readonly string[];
}

export interface TrainingStep extends ModelOnData {
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  /** The optimizer's numeric options. */
  readonly optimizerHyper: readonly string[];
  /** Those of them that change from step to step. */
  readonly perStep: readonly string[];
  /** Which bounds the gradient has. */
  readonly clip: readonly ('norm' | 'value')[];
  readonly rule?: TracedRule | undefined;
}

/** Carries parameters and optimizer slots; stacks the loss of each example. Bounds and options are inputs. */
export function trainingStep(options: TrainingStep): LoopDefinition {
  const { tables, batchSize, parameters, optimizer, optimizerHyper, perStep, clip, rule } = options;
  const roles = rolesOf(options);
  const slots = optimizer.slots ?? [];
  const specs = (keys: readonly string[], naming: Naming) =>
    keys.map((key): TensorSpec => ({ name: naming(key), shape: parameters[key]?.shape ?? [] }));
  const scalarSpecs = (keys: readonly string[], naming: Naming) =>
    keys.map((key): TensorSpec => ({ name: naming(key), shape: [] }));
  const fixedHyper = optimizerHyper.filter((option) => !perStep.includes(option));
  return {
    batchSize,
    noise: sharedNoise,
    tables: [tables.inputs, tables.labels],
    carried: [
      ...specs(Object.keys(parameters), names.parameter),
      ...slots.flatMap((slot) => specs(roles.weights, (name) => names.slot(slot, name))),
    ],
    constants: [
      ...scalarSpecs(fixedHyper, names.optimizerHyper),
      ...scalarSpecs(clip, names.clip),
      ...(rule === undefined
        ? []
        : [
            ...specs(roles.weights, names.global),
            ...treeSpecs(rule.broadcast, names.broadcast),
            ...treeSpecs(rule.state, names.state),
            ...scalarSpecs(rule.hyper, names.strategyHyper),
          ]),
      ...labelMapSpec(options),
    ],
    perStep: perStep.map(names.optimizerHyper),
    step(call) {
      const { carried, constants, weights, step } = call;
      const seen = see(call, 'train');
      const { tf } = seen.random;
      const current = pick(carried, names.parameter, Object.keys(parameters));
      const trained = pick(carried, names.parameter, roles.weights);
      const ruleCall = rule && { ...callOf(rule, call, tf, roles.weights), parameters: trained };
      const ruleLoss = rule && ruleCall && lossOfRule(rule, ruleCall, options, seen, current);
      const { losses, gradient, statistics } = lossesAndGradient(options, seen, weights, current, ruleLoss);
      const ruled = (ruleCall && rule.rule.gradient?.({ ...ruleCall, gradient })) ?? gradient;
      const clipped = clipGradient(
        tf,
        pick(ruled, (name) => name, roles.weights),
        pick(constants, names.clip, clip),
      );

      const hyper = pick(constants, names.optimizerHyper, optimizerHyper) as Record<string, Scalar>;
      const next = Object.fromEntries(
        roles.statistics.map((name) => [names.parameter(name), tensorOf(statistics, name)]),
      );
      for (const name of roles.weights) {
        const update = optimizer.update({
          tf,
          parameter: tensorOf(trained, name),
          gradient: tensorOf(clipped, name),
          slots: pick(carried, (slot) => names.slot(slot, name), slots),
          step,
          hyper,
        });
        next[names.parameter(name)] = update.parameter;
        for (const slot of slots) next[names.slot(slot, name)] = tensorOf(update.slots ?? {}, slot);
      }
      return { carried: next, stacked: { [names.losses]: losses } };
    },
  };
}

function treeSpecs(tree: Tree, naming: Naming): readonly TensorSpec[] {
  return Object.entries(flatten(tree, naming)).map(([name, { shape }]) => ({ name, shape }));
}

type RuleCall = ClientCall<Tree, Tree, Readonly<Record<string, Scalar>>>;

/** What a rule's functions see, but for the current parameters. */
function callOf(
  { broadcast, state, hyper }: TracedRule,
  { constants }: StepCall,
  tf: Tf,
  weights: readonly string[],
): Omit<RuleCall, 'parameters'> {
  return {
    tf,
    global: pick(constants, names.global, weights),
    broadcast: unflatten(constants, broadcast, names.broadcast) as RuleCall['broadcast'],
    state: unflatten(constants, state, names.state) as RuleCall['state'],
    hyper: pick(constants, names.strategyHyper, hyper) as RuleCall['hyper'],
  };
}

/** The rule's own loss, bound to what it may look at. */
function lossOfRule(
  { plugin, rule }: TracedRule,
  call: RuleCall,
  options: ModelOnData,
  seen: Seen,
  current: TensorMap,
): RuleLoss | undefined {
  const { loss: lossOf } = rule;
  return (
    lossOf && {
      plugin,
      lossOf: (parameters, output, loss) =>
        lossOf({
          ...call,
          parameters,
          output,
          loss,
          apply: (other) => applyModel(options, evaluated(seen), { ...current, ...other }, 'evaluate'),
        }),
    }
  );
}

/** Entries bounded first, then the norm: `g * norm / max(norm, |g|)` (Pascanu, Mikolov and Bengio 2013, algorithm 1). */
function clipGradient(tf: Tf, gradient: TensorMap, { norm, value }: Partial<TensorMap>): TensorMap {
  const mapped = (f: (g: Tensor) => Tensor, of: TensorMap) =>
    Object.fromEntries(Object.entries(of).map(([name, g]) => [name, f(g)]));
  const bounded =
    value === undefined ? gradient : mapped((g) => tf.maximum(tf.minimum(g, value), tf.neg(value)), gradient);
  if (norm === undefined) return bounded;
  const squares = Object.values(bounded).map((g) => tf.sum(tf.square(g)));
  const length = tf.sqrt(tf.addN(squares));
  const factor = tf.div(norm, tf.maximum(norm, length));
  return mapped((g) => tf.mul(g, factor), bounded);
}
