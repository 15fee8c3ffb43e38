import type { ParameterInfo, Parameters, Strategy, Tree, Update } from '../contracts/index.js';
import { omit, pick, subtract } from '../parameters/index.js';
import { awaitPlugin } from '../plugins/index.js';
import type { Arm } from './arm.js';
import type { Clients } from './clients.js';
import type { LocalTraining, Trained } from './local-training.js';

export interface FederatedArm extends Arm {
  readonly strategy: Strategy;
  /** Name of the strategy, for messages. */
  readonly strategyName: string;
  /** Names of the parameters that go to the server. */
  readonly shared: readonly string[];
  readonly parameters: readonly ParameterInfo[];
  /** Trains the clients' personal models, where the strategy has them. */
  readonly personalTraining?: LocalTraining | undefined;
  /** Client numbers of round `round`. */
  readonly cohort: (round: number) => readonly number[];
}

interface ClientRound {
  readonly global: Parameters;
  readonly broadcast: Tree;
  readonly round: number;
  readonly client: number;
}

/** A client's round: local training from the global parameters, what it keeps, and what it sends. */
export async function trainClient(
  arm: FederatedArm,
  clients: Clients,
  { global, broadcast, round, client }: ClientRound,
): Promise<{ readonly update: Update; readonly effort: Omit<Trained, 'parameters'> }> {
  const { name, data, client: spec, batches, localTraining, personalTraining, strategy, shared } = arm;
  const rows = data.clients[client]?.train ?? new Uint32Array();
  const place = { arm: name, round, client };
  const state = clients.state(client);
  const start = pick({ ...clients.own(client), ...global }, Object.keys(arm.initial));
  const work = { rows, epochs: spec.epochs, random: batches.at(round, client), place };

  const [{ parameters: local, ...effort }, personal] = await Promise.all([
    localTraining.train({ ...work, start, rule: { global: start, broadcast, state } }),
    personalTraining?.train({
      ...work,
      start: clients.personal(client),
      random: work.random.at('personal'),
      rule: { global: start, broadcast, state: {} },
    }),
  ]);
  const end = await awaitPlugin(arm.strategyName, `at the end of client ${client}'s round ${round}`, async () =>
    strategy.client?.end?.({
      global: start,
      local,
      broadcast,
      state,
      steps: effort.steps,
      examples: rows.length,
      learningRate: localTraining.learningRate(round),
      overData: (parameters) =>
        localTraining.overData({ start: parameters, rows, random: work.random.at('over-data'), place }),
    }),
  );
  clients.keep(client, { own: omit(local, shared), state: end?.state, personal: personal?.parameters });
  const delta = subtract(pick(local, shared), pick(start, shared));
  return { update: { client, delta, report: end?.report, examples: rows.length, steps: effort.steps }, effort };
}
