/** The control without communication: each client trains a model of its own on its own examples. */
import type { Parameters } from '../../contracts/index.js';
import { localWork } from '../clients/local-work.js';
import { metricKeys } from '../evaluation/metrics.js';
import { type Arm, evaluatesAt, secondsSince } from './arm.js';
import { createProgress, type ProgressTotals } from './progress.js';

/** What decides the rounds to come. */
interface LocalOnly {
  readonly models: readonly Parameters[];
  readonly progress: ProgressTotals;
}

/** A step is a round's worth of local training at every client. */
export async function runLocalOnly(arm: Arm): Promise<void> {
  const { batches, checkpoints, client, data, evaluation, report, localTraining } = arm;
  const saved = checkpoints.saved() as LocalOnly | undefined;
  let models = saved?.models ?? data.clients.map(() => arm.initial);
  const progress = createProgress(saved?.progress);

  for (let round = checkpoints.step + 1; round <= arm.steps; round++) {
    const start = performance.now();
    const trained = await Promise.all(
      data.clients.map(({ train: rows }, k) =>
        localTraining.train({
          start: models[k] ?? arm.initial,
          rows,
          work: localWork(client),
          random: batches.at(round, k),
          place: { arm: arm.name, round, client: k },
        }),
      ),
    );
    models = trained.map(({ parameters }) => parameters);
    const metrics = { ...progress.count(trained), [metricKeys.roundSeconds]: secondsSince(start) };
    report(round, metrics, evaluatesAt(arm, round) ? evaluation.personal(models, round) : undefined);
    await checkpoints.save(round, { models, progress: progress.totals() } satisfies LocalOnly);
  }
}
