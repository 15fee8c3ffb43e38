/** The control without federation: one model on the union of the clients' training examples. */
import type { Parameters } from '../../contracts/index.js';
import { norm, subtract } from '../../parameters/index.js';
import { oneEpoch } from '../clients/local-work.js';
import { metricKeys } from '../evaluation/metrics.js';
import { type Arm, evaluatesAt, secondsSince } from './arm.js';
import { createProgress, type ProgressTotals } from './progress.js';

/** What decides the epochs to come. */
interface Centralized {
  readonly parameters: Parameters;
  readonly progress: ProgressTotals;
}

/** One epoch over the union a step. Optimizer slots start anew each epoch, as they do each round in a federation. */
export async function runCentralized(arm: Arm): Promise<Parameters> {
  const { batches, checkpoints, evaluation, report, localTraining } = arm;
  const saved = checkpoints.saved() as Centralized | undefined;
  const rows = unionOf(arm);
  let parameters = saved?.parameters ?? arm.initial;
  const progress = createProgress(saved?.progress);

  for (let epoch = checkpoints.step + 1; epoch <= arm.steps; epoch++) {
    const start = performance.now();
    const trained = await localTraining.train({
      start: parameters,
      rows,
      work: oneEpoch,
      random: batches.at('centralized', epoch),
      place: { arm: arm.name, round: epoch },
    });
    const metrics = {
      ...progress.count([trained]),
      [metricKeys.updateNorm]: norm(subtract(trained.parameters, parameters)),
    };
    ({ parameters } = trained);
    report(
      epoch,
      { ...metrics, [metricKeys.roundSeconds]: secondsSince(start) },
      evaluatesAt(arm, epoch) ? evaluation.deployed(parameters, epoch) : undefined,
    );
    await checkpoints.save(epoch, { parameters, progress: progress.totals() } satisfies Centralized);
  }
  return parameters;
}

/** Training rows of all clients, ascending: the order does not depend on the split. */
function unionOf({ data }: Arm): Uint32Array {
  return Uint32Array.from(data.clients.flatMap(({ train }) => [...train])).sort();
}
