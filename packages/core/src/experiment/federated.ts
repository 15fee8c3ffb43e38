/**
 * Federated training (McMahan, Moore, Ramage, Hampson and Agüera y Arcas 2017, "Communication-efficient learning of
 * deep networks from decentralized data", Algorithm 1), with the server's step left to a strategy.
 */
import type { Parameters, Strategy, Update } from '../contracts/index.js';
import { count, norm, subtract } from '../parameters/index.js';
import { type Arm, evaluatesAt, secondsSince } from './arm.js';
import { metricKeys } from './metrics.js';
import { callPlugin, checkedAggregate } from './plugin-calls.js';
import { createProgress } from './progress.js';
import { createUpdates, takeDelta } from './updates.js';

export interface FederatedArm extends Arm {
  readonly strategy: Strategy;
  /** Name of the strategy, for messages. */
  readonly strategyName: string;
  /** Client numbers of round `round`. */
  readonly cohort: (round: number) => readonly number[];
}

/** Rounds of: draw a cohort, train its clients from the global parameters, aggregate, evaluate. Returns the last global parameters. */
export async function runFederated(arm: FederatedArm): Promise<Parameters> {
  const { strategy, cohort, evaluation, report } = arm;
  let global = arm.initial;
  let state = callPlugin(arm.strategyName, 'to make its first state', () => strategy.init?.({ global }));
  const progress = createProgress();

  for (let round = 1; round <= arm.steps; round++) {
    const start = performance.now();
    const clients = cohort(round);
    const trained = await Promise.all(clients.map((client) => trainClient(arm, global, round, client)));
    const updates = createUpdates(
      trained.map(({ update }) => update),
      strategy.weights ?? 'examples',
    );
    const next = checkedAggregate(arm, () => strategy.aggregate({ global, state, updates, round }), global, round);

    const bytes = clients.length * count(global) * Float32Array.BYTES_PER_ELEMENT;
    const metrics = {
      ...progress(trained),
      [metricKeys.updateNorm]: norm(subtract(next.global, global)),
      [metricKeys.bytesDown]: bytes,
      [metricKeys.bytesUp]: bytes,
    };
    ({ global, state } = next);
    report(
      round,
      { ...metrics, [metricKeys.roundSeconds]: secondsSince(start) },
      evaluatesAt(arm, round) ? evaluation.deployed(global) : undefined,
    );
  }
  return global;
}

async function trainClient(
  { name, data, client: { epochs }, batches, train }: Arm,
  global: Parameters,
  round: number,
  client: number,
) {
  const rows = data.clients[client]?.train ?? new Uint32Array();
  const { parameters, ...effort } = await train({
    start: global,
    rows,
    epochs,
    random: batches.at(round, client),
    place: { arm: name, round, client },
  });
  const update: Update = { client, delta: takeDelta(parameters, global), examples: rows.length, steps: effort.steps };
  return { update, ...effort };
}
