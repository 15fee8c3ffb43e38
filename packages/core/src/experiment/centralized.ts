/** The control without federation: one model on the union of the clients' training examples. */
import type { Parameters } from '../contracts/index.js';
import { norm, subtract } from '../parameters/index.js';
import { type Arm, evaluatesAt, secondsSince } from './arm.js';
import { metricKeys } from './metrics.js';
import { createProgress } from './progress.js';

/** One epoch over the union a step. Optimizer slots start anew each epoch, as they do each round in a federation. */
export async function runCentralized(arm: Arm): Promise<Parameters> {
  const { batches, evaluation, report, localTraining } = arm;
  const rows = unionOf(arm);
  let parameters = arm.initial;
  const progress = createProgress();

  for (let epoch = 1; epoch <= arm.steps; epoch++) {
    const start = performance.now();
    const trained = await localTraining.train({
      start: parameters,
      rows,
      epochs: 1,
      random: batches.at('centralized', epoch),
      place: { arm: arm.name, round: epoch },
    });
    const metrics = {
      ...progress([trained]),
      [metricKeys.updateNorm]: norm(subtract(trained.parameters, parameters)),
    };
    ({ parameters } = trained);
    report(
      epoch,
      { ...metrics, [metricKeys.roundSeconds]: secondsSince(start) },
      evaluatesAt(arm, epoch) ? evaluation.deployed(parameters) : undefined,
    );
  }
  return parameters;
}

/** Training rows of all clients, ascending: the order does not depend on the split. */
function unionOf({ data }: Arm): Uint32Array {
  return Uint32Array.from(data.clients.flatMap(({ train }) => [...train])).sort();
}
