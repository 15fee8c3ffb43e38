/**
 * Federated training (McMahan, Moore, Ramage, Hampson and Agüera y Arcas 2017, "Communication-efficient learning of
 * deep networks from decentralized data", Algorithm 1), with the server's step left to a strategy.
 */
import type { Parameters } from '../../contracts/index.js';
import { norm, pick, subtract } from '../../parameters/index.js';
import { callPlugin } from '../../plugins/index.js';
import { candidateLosses } from '../clients/candidate-losses.js';
import {
  type Clients,
  createClients,
  deployedModel,
  personalModels,
  type SavedClients,
  trainedOf,
} from '../clients/clients.js';
import type { Assignment } from '../clients/environment.js';
import type { FederatedArm } from '../clients/federated-client.js';
import { localWork } from '../clients/local-work.js';
import { checkMinimum, type RoundOfClients, type TrainedCohort, trainCohort } from '../clients/train-cohort.js';
import { trainJointly } from '../clients/train-jointly.js';
import { metricKeys } from '../evaluation/metrics.js';
import { checkedAggregate } from '../plugin-calls.js';
import { checkLeastCohort } from '../requirements.js';
import { createUpdates, floatBytes } from '../uplink/updates.js';
import type { UplinkState } from '../uplink/uplink.js';
import { evaluatesAt, secondsSince } from './arm.js';
import { createProgress, type ProgressTotals } from './progress.js';

/** A round of which the environment leaves no client. */
const nobody: TrainedCohort = {
  efforts: [],
  metrics: {},
  send: () => ({ updates: createUpdates([], 'examples'), bytes: 0, metrics: {} }),
  release: () => undefined,
};

/** What decides the rounds to come. */
interface Federation {
  readonly global: Parameters;
  /** The strategy's. */
  readonly state: unknown;
  readonly clients: SavedClients;
  readonly uplink: UplinkState;
  readonly progress: ProgressTotals;
}

/** Rounds of: draw a cohort, train its clients from the global parameters, aggregate, evaluate. Returns the deployed model. */
export async function runFederated(arm: FederatedArm): Promise<Parameters> {
  const {
    strategy,
    strategyName,
    shared,
    initial,
    checkpoints,
    cohort,
    data,
    evaluation,
    localTraining,
    report,
    uplink,
  } = arm;
  const saved = checkpoints.saved() as Federation | undefined;
  const population = data.clients.length;
  const init = strategy.client?.init;
  const clients = createClients(
    initial,
    shared,
    trainedOf(arm.parameters, initial),
    init && ((first) => callPlugin(strategyName, "to make a client's first state", () => init(first))),
    saved?.clients,
  );
  let global = saved?.global ?? pick(initial, shared);
  let state =
    saved === undefined
      ? callPlugin(strategyName, 'to make its first state', () =>
          strategy.init?.({ global, parameters: arm.parameters, clients: population }),
        )
      : saved.state;
  const progress = createProgress(saved?.progress);
  if (saved !== undefined) uplink.restore(saved.uplink);

  for (let round = checkpoints.step + 1; round <= arm.steps; round++) {
    const start = performance.now();
    const learningRate = localTraining.learningRate(round);
    const call = { global, state, round, parameters: arm.parameters, clients: population, learningRate };
    const broadcast = callPlugin(strategyName, 'to broadcast', () => strategy.broadcast?.(call) ?? {});
    const asked = arm.candidates(round);
    const losses = asked && (await candidateLosses(arm, clients, { global, round, candidates: asked }));
    const failedCandidates = asked?.filter((client) => losses?.has(client) === false) ?? [];
    const cohortOfRound = cohort(round, losses).filter((client) => !failedCandidates.includes(client));
    const arriving = arm.environment
      .assign(round, cohortOfRound, localWork(arm.client))
      .filter(({ arrives }) => arrives);
    const trained = await train(arm, clients, { global, broadcast, round }, arriving, cohortOfRound.length);
    checkLeastCohort(strategyName, strategy, round, trained.efforts.length);
    const received = trained.send();
    // Where the environment lets no update arrive, the round leaves everything as it was.
    const next =
      trained.efforts.length > 0
        ? checkedAggregate(arm, () => strategy.aggregate({ ...call, updates: received.updates }), global, round)
        : { global, state, log: {} };

    const metrics = {
      ...trained.metrics,
      ...(failedCandidates.length > 0 && {
        [metricKeys.failedClients]: (trained.metrics[metricKeys.failedClients] ?? 0) + failedCandidates.length,
      }),
      ...progress.count(trained.efforts),
      [metricKeys.updateNorm]: norm(subtract(next.global, global)),
      [metricKeys.bytesDown]:
        new Set([...(asked ?? []), ...cohortOfRound]).size * floatBytes(global) +
        cohortOfRound.length * floatBytes(broadcast),
      [metricKeys.bytesUp]: received.bytes + floatBytes([...(losses?.values() ?? [])]),
      ...(arriving.length < cohortOfRound.length && { [metricKeys.updates]: trained.efforts.length }),
      ...received.metrics,
      ...next.log,
    };
    trained.release();
    ({ global, state } = next);
    const deployed = deployedModel(initial, global, clients, population);
    const evaluated = evaluatesAt(arm, round)
      ? evaluation.federated(deployed, personalModels(strategy, initial, global, clients, population), round)
      : undefined;
    report(round, { ...metrics, [metricKeys.roundSeconds]: secondsSince(start) }, evaluated);
    if (evaluated !== undefined && arm.stop !== undefined) {
      if (arm.stop({ ...metrics, ...(await evaluated).metrics })) break;
    }
    await checkpoints.save(round, {
      global,
      state,
      clients: clients.saved(),
      uplink: uplink.state(),
      progress: progress.totals(),
    } satisfies Federation);
  }
  return deployedModel(initial, global, clients, population);
}

/** Trains those clients of a round's `cohort` whose updates arrive: jointly where that may be and each has something to train on. */
async function train(
  arm: FederatedArm,
  clients: Clients,
  call: RoundOfClients,
  arriving: readonly Assignment[],
  cohort: number,
): Promise<TrainedCohort> {
  if (arriving.length === 0) {
    if (arm.minimumCohort > 1) checkMinimum(arm, call.round, 0, cohort);
    return nobody;
  }
  const { trainJointly: jointly } = arm.localTraining;
  const haveExamples = arriving.every(({ client }) => arm.data.clients[client]?.train.length !== 0);
  return jointly !== undefined && haveExamples
    ? trainJointly(arm, jointly, call, arriving)
    : trainCohort(arm, clients, call, arriving);
}
