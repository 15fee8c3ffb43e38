import type { Strategy, StrategyPlugin } from '../../contracts/index.js';
import type { Engine } from '../../engines/index.js';
import { pick } from '../../parameters/index.js';
import { callPlugin, traceChecked, whyNoTensorOf, whyNoTensorsLike } from '../../plugins/index.js';
import type { TracedRule } from '../../programs/index.js';
import { pluginOf } from '../chosen-plugins.js';
import { trainedOf } from '../clients/clients.js';
import type { FederatedArm } from '../clients/federated-client.js';
import { compileLocalTraining } from '../clients/local-training.js';
import { mayTrainJointly } from '../clients/train-jointly.js';
import type { LocalTrainingOptions } from '../clients/training-jobs.js';
import { type Experiment, parameterInfos } from '../experiment.js';
import { sharedParameters } from '../shared-parameters.js';
import { labelMapOf, makeUplink } from '../uplink/make-uplink.js';
import type { Arm } from './arm.js';

/** What a federation has that no other arm has. */
export interface Federation
  extends Omit<FederatedArm, keyof Arm | 'onClientFailure' | 'stop'>,
    Pick<Arm, 'localTraining'> {
  /** What the strategy hands to a client in round 1, and what a client keeps before it. */
  readonly trees: Pick<TracedRule, 'broadcast' | 'state'>;
}

/**
 * The local training of a federation, with the strategy's side of the clients in it. `trainerOf` is the engine for a rule
 * that is named by all that it is traced from.
 */
export async function compileFederation(
  experiment: Experiment,
  strategy: Strategy,
  withoutAttack: LocalTrainingOptions,
  trainerOf: (...rule: readonly unknown[]) => Engine,
): Promise<Federation> {
  const { catalogue, initial, data, spec, streams } = experiment;
  const labelMap = labelMapOf(experiment);
  const training = { ...withoutAttack, relabels: labelMap !== undefined };
  const { strategy: slot } = spec;
  const plugin = pluginOf(catalogue, 'strategy', slot);
  const parameters = parameterInfos(experiment);
  const shared = sharedParameters(spec, strategy, parameters);
  // Trees of the right form: what the first round would see.
  const global = pick(initial, shared);
  const clients = data.clients.length;
  const trees = callPlugin(slot.use, 'to make its first state', () => {
    const state = strategy.init?.({ global, parameters, clients });
    const learningRate = 0;
    return {
      broadcast: strategy.broadcast?.({ global, state, round: 1, parameters, clients, learningRate }) ?? {},
      state: strategy.client?.init?.({ global: initial, trained: trainedOf(parameters, initial) }) ?? {},
    };
  });
  const { client, personal } = strategy;
  const uplink = makeUplink(experiment, strategy);
  const isJoint = mayTrainJointly({
    strategy,
    client: training.client,
    uplink,
    sharesAll: shared.length === parameters.length,
    relabels: training.relabels,
  });
  // A strategy may draw when it is made, and its two rules are programs of their own.
  const engineOf = (rule: string) => trainerOf(rule, slot, streams.cohort.key);
  const [localTraining, personalTraining] = await Promise.all([
    compileLocalTraining({
      ...training,
      isJoint,
      ...(client && { engine: engineOf('client') }),
      rule: client && { ...trees, slot, rule: traced(plugin, client) },
    }),
    personal &&
      compileLocalTraining({
        ...training,
        engine: engineOf('personal'),
        rule: { broadcast: trees.broadcast, state: {}, slot, rule: traced(plugin, personal) },
      }),
  ]);
  return {
    strategy,
    strategyName: slot.use,
    candidates: experiment.candidates,
    cohort: experiment.cohort,
    environment: experiment.environment,
    labelMap,
    uplink,
    minimumCohort: spec.server.minimumCohort,
    shared,
    parameters,
    trees,
    localTraining,
    personalTraining,
  };
}

/** The traced functions of a rule, whose faults name the strategy. */
function traced(
  plugin: StrategyPlugin,
  { loss, gradient }: NonNullable<Strategy['client']>,
): Pick<NonNullable<Strategy['client']>, 'loss' | 'gradient'> {
  return {
    ...(loss && {
      loss: (call) =>
        traceChecked(
          plugin,
          () => loss(call),
          (losses) => whyNoTensorOf(call.loss.shape, losses, 'loss'),
        ),
    }),
    ...(gradient && {
      gradient: (call) =>
        traceChecked(
          plugin,
          () => gradient(call),
          (changed) => whyNoTensorsLike(call.gradient, changed),
        ),
    }),
  };
}
