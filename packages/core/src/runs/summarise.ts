import { join } from 'node:path';
import type { JournalEntry, Metrics } from './events.js';
import type { ArmSummary, MetricSummary } from './summary.js';

/** What a summary says about a run beside its journal. */
export type RunDescription = Pick<ArmSummary, 'seed' | 'directory' | 'overrides'>;

/**
 * One summary for each arm that the run set out to do, in that order; none where the journal ends before `run-started`.
 * An arm without an end is `failed` where the run failed in it (or in no arm in particular), else `interrupted`.
 */
export function summarise(entries: Iterable<JournalEntry>, description: RunDescription): ArmSummary[] {
  const journal = [...entries];
  const started = journal.find((entry) => entry.type === 'run-started');
  if (started === undefined) return [];
  return started.arms.map((arm) => {
    const own = journal.filter((entry) => 'arm' in entry && entry.arm === arm);
    const begun = own.find((entry) => entry.type === 'arm-started');
    const steps = own.filter((entry) => entry.type === 'step-completed');
    const completed = own.find((entry) => entry.type === 'arm-completed');
    return {
      id: started.run,
      name: started.name,
      arm,
      ...(begun === undefined ? {} : { use: begun.use }),
      status: completed === undefined ? statusOfUnfinished(journal, arm) : 'completed',
      seed: description.seed,
      engine: started.engine,
      steps: completed?.steps ?? steps.at(-1)?.step ?? 0,
      durationSeconds: completed?.seconds ?? secondsBetween(own.at(0), own.at(-1)),
      directory: description.directory,
      ...(completed?.model === undefined ? {} : { model: join(description.directory, completed.model) }),
      overrides: description.overrides,
      metrics: summariseMetrics(steps, started.lowerIsBetter),
    };
  });
}

/** Last and best value of each metric. NaN is never best, unless there is nothing else. Of equal values the first is best. */
function summariseMetrics(
  steps: Iterable<{ readonly step: number; readonly metrics: Metrics }>,
  lowerMetrics: readonly string[] | undefined,
): Record<string, MetricSummary> {
  const summaries = new Map<string, MetricSummary>();
  for (const { step, metrics } of steps) {
    for (const [key, value] of Object.entries(metrics)) {
      const before = summaries.get(key);
      const best =
        before === undefined || isBetter(value, before.best, lowerIsBetter(key, lowerMetrics))
          ? { best: value, bestStep: step }
          : before;
      summaries.set(key, { last: value, best: best.best, bestStep: best.bestStep });
    }
  }
  return Object.fromEntries(summaries);
}

function isBetter(value: number, best: number, isLower: boolean): boolean {
  if (Number.isNaN(best)) return !Number.isNaN(value);
  return isLower ? value < best : value > best;
}

/**
 * Losses, times, bytes sent and the size of updates, and the spec's metrics that say so, named in `metrics`; everything
 * else is better the higher it is.
 */
export function lowerIsBetter(key: string, metrics: readonly string[] = []): boolean {
  const [, ofSet = ''] =
    /^(?:test|validation|clients\/own-test|personal\/own-test|personal\/test)\/(.+)$/.exec(key) ?? [];
  return (
    key.endsWith('/loss') ||
    key.startsWith('time/') ||
    key.startsWith('bytes/') ||
    key === 'update/norm' ||
    metrics.some((name) => ofSet === name || ofSet.startsWith(`${name}/`))
  );
}

function statusOfUnfinished(journal: readonly JournalEntry[], arm: string): 'failed' | 'interrupted' {
  // What failed before the run was resumed is over.
  const since = journal.slice(1 + journal.findLastIndex((entry) => entry.type === 'run-resumed'));
  const failure = since.find((entry) => entry.type === 'run-failed');
  return failure !== undefined && (failure.place.arm ?? arm) === arm ? 'failed' : 'interrupted';
}

function secondsBetween(first: JournalEntry | undefined, last: JournalEntry | undefined): number {
  return first === undefined || last === undefined ? 0 : (last.time - first.time) / 1000;
}
