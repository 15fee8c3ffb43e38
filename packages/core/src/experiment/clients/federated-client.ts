import type { EndCall, EndResult, ParameterInfo, Parameters, Strategy, Tree, Update } from '../../contracts/index.js';
import { norm, omit, pick, subtract } from '../../parameters/index.js';
import { awaitPlugin } from '../../plugins/index.js';
import type { Arm } from '../arms/arm.js';
import type { StopRule } from '../arms/stop-rule.js';
import type { Experiment } from '../experiment.js';
import type { Uplink } from '../uplink/uplink.js';
import { checkedEnd } from './checked-end.js';
import type { ClientFailure } from './client-failure.js';
import type { Clients } from './clients.js';
import type { Assignment, Environment } from './environment.js';
import type { LocalTraining } from './local-training.js';
import { createTimeLimit } from './time-limit.js';
import type { TrainingEnd, TrainingPlace } from './training-ends.js';

export interface FederatedArm extends Arm {
  readonly strategy: Strategy;
  /** Name of the strategy, for messages. */
  readonly strategyName: string;
  /** Names of the parameters that go to the server. */
  readonly shared: readonly string[];
  readonly parameters: readonly ParameterInfo[];
  /** Trains the clients' personal models, where the strategy has them. */
  readonly personalTraining?: LocalTraining | undefined;
  /** Clients whose loss decides on the cohort of round `round`; undefined where none is asked. */
  readonly candidates: Experiment['candidates'];
  /** Client numbers of round `round`. */
  readonly cohort: Experiment['cohort'];
  readonly environment: Environment;
  /** The class that attackers train each label as; absent where they train as others do. */
  readonly labelMap?: Float32Array | undefined;
  readonly uplink: Uplink;
  /** Clients that a round must have left. */
  readonly minimumCohort: number;
  /** Whether the federation ends with a step of these metrics; asked after each evaluation. Absent: it runs to its last round. */
  readonly stop?: StopRule | undefined;
  /** Told of a client that is left out of a round. */
  readonly onClientFailure: (failure: ClientFailure) => void;
}

interface ClientRound {
  readonly global: Parameters;
  readonly broadcast: Tree;
  readonly round: number;
  readonly assignment: Assignment;
}

/** What a client's round took. */
export type Effort = Omit<TrainingEnd, 'norm'>;

/** A client after its round. */
export interface TrainedClient {
  readonly update: Update;
  readonly effort: Effort;
  /** Has the client keep what it made of this round; not called where its update is not taken. */
  readonly keep: () => void;
  /** Gives the memory of the update to training to come: nothing may look at it any more. */
  readonly release: () => void;
}

/** A client's round: local training from the global parameters, what it keeps, and what it sends. */
export async function trainClient(
  arm: FederatedArm,
  clients: Clients,
  { global, broadcast, round, assignment }: ClientRound,
): Promise<TrainedClient> {
  const { name, data, client: spec, batches, localTraining, personalTraining, strategy, shared } = arm;
  const { client, complete } = assignment;
  const labelMap = arm.environment.attackers.has(client) ? arm.labelMap : undefined;
  const rows = data.clients[client]?.train ?? new Uint32Array();
  const place = { arm: name, round, client };
  const state = clients.state(client);
  const start = pick({ ...clients.own(client), ...global }, Object.keys(arm.initial));
  const { timeout } = spec;
  const work = { rows, work: assignment, labelMap, random: batches.at(round, client), place, timeout };

  // Where only what a client sends is looked at, and not what it became.
  const asDifferences = strategy.client?.end === undefined && shared.length === Object.keys(arm.initial).length;
  const [{ parameters: local, norm: length, release, ...effort }, personal] = await Promise.all([
    localTraining.train({
      ...work,
      start,
      asDifferences,
      isReleased: asDifferences && arm.uplink.reads === 'mean',
      rule: { global: start, broadcast, state },
    }),
    personalTraining?.train({
      ...work,
      start: clients.personal(client),
      random: work.random.at('personal'),
      rule: { global: start, broadcast, state: {} },
    }),
  ]);
  const end = await endOfRound(arm, place, {
    global: start,
    local,
    broadcast,
    state,
    steps: effort.steps,
    examples: rows.length,
    learningRate: localTraining.learningRate(round, effort.steps),
    overData: (parameters) =>
      localTraining.overData({ ...work, start: parameters, random: work.random.at('over-data') }),
  });
  const keep = (): void => {
    clients.keep(client, { own: omit(local, shared), state: end.state, personal: personal?.parameters });
  };
  const sent = pick(local, shared);
  const delta = asDifferences ? sent : subtract(sent, pick(start, shared));
  const update = {
    client,
    delta,
    norm: asDifferences ? length : norm(delta),
    report: end.report,
    examples: rows.length,
    steps: effort.steps,
    complete,
  };
  return { update, effort, keep, release: asDifferences ? release : () => undefined };
}

/** What the strategy's side of a client keeps and reports, within the time that the spec gives it. */
async function endOfRound(
  { strategy: { client: rule }, strategyName, client: { timeout }, signal }: FederatedArm,
  place: Required<TrainingPlace>,
  call: EndCall<Tree, Tree>,
): Promise<EndResult<Tree, unknown>> {
  if (rule?.end === undefined) return {};
  const limit = createTimeLimit(timeout, place, signal);
  const overData: typeof call.overData = (parameters) => limit.pausedFor(call.overData(parameters));
  const hook = awaitPlugin(strategyName, `at the end of client ${place.client}'s round ${place.round}`, async () =>
    rule.end?.({ ...call, overData }),
  );
  return checkedEnd(strategyName, await limit.race(hook), call.state, place);
}
