import { join } from 'node:path';
import { isMlflowError, type Metric, type MlflowClient } from 'mlflow-js-client';
import pRetry from 'p-retry';
import { FedxError } from '../errors/index.js';
import { type JournalEntry, readJournal, runPaths } from '../runs/index.js';
import { createFiller, type ServerPlace } from './filler.js';
import { createInvocationFiller } from './invocation-filler.js';
import { countPoints, pointIdentity, pointsOf } from './points.js';
import { describeTrackedInvocation, isBeingRun, isInvocationBeingRun } from './tracked-invocation.js';
import { describeTrackedRun } from './tracked-run.js';
import { trackingFailed } from './tracking-error.js';

export interface SyncOptions {
  readonly client: MlflowClient;
  /** The run's folder. */
  readonly directory: string;
  /** Id of the run. */
  readonly run: string;
  /** Name of the experiment on the server; default: the spec's name. */
  readonly experiment?: string;
  readonly signal: AbortSignal;
  /** Attempts after the first, where the server fails; default 8, with waits that double from one second. */
  readonly retries?: number;
  readonly backoffSeconds?: number;
}

export interface SyncReport {
  /** Metric points that the journal has, and the server now has too. */
  readonly points: number;
  readonly place: ServerPlace;
}

/**
 * Fills a run into a server: whatever it has of it already, afterwards its metric history equals the journal point for
 * point. That is checked at the end by reading everything back. Throws FEDX_TRACKING_FAILED where the server cannot be
 * reached or refuses, FEDX_TRACKING_MISMATCH where it has points that the journal has not, or has some twice.
 */
export async function syncRun(options: SyncOptions): Promise<SyncReport> {
  const { backoffSeconds = 1, client, directory, retries = 8, run, signal } = options;
  const description = await describeTrackedRun(directory, run);
  const invocation = createInvocationFiller(client, describeTrackedInvocation(description, await startOf(directory)), {
    experiment: options.experiment ?? description.name,
    isRunning: () => isInvocationBeingRun(description),
  });
  const filler = createFiller(client, description, invocation);
  const expected = await readPoints(directory, filler.add);
  if (!isBeingRun(description)) filler.abandon();
  try {
    const place = await pRetry(() => filler.flush(signal), {
      retries,
      minTimeout: backoffSeconds * 1000,
      maxTimeout: 30_000,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => isMlflowError(error) && error.transient,
    });
    if (place === undefined)
      throw new FedxError('FEDX_TRACKING_FAILED', `Run ${run} has not begun: there is nothing to sync.`);
    const points = await verify(client, place, expected, signal);
    await invocation.tellStatus(signal);
    return { points, place };
  } catch (error) {
    signal.throwIfAborted();
    throw trackingFailed(client.trackingUri, error);
  }
}

type Expected = ReadonlyMap<string, readonly Metric[]>;

/** When the run began, in milliseconds since the epoch. */
async function startOf(directory: string): Promise<number> {
  for await (const { time } of readJournal(join(directory, ...runPaths.journal))) return time;
  return Date.now();
}

/** Hands every entry of the journal on, and returns the points by arm. */
async function readPoints(directory: string, add: (entry: JournalEntry) => void): Promise<Expected> {
  const points = new Map<string, Metric[]>();
  for await (const entry of readJournal(join(directory, ...runPaths.journal))) {
    add(entry);
    if (entry.type === 'step-completed') append(points, entry.arm, pointsOf(entry));
  }
  return points;
}

/** Reads everything back and compares; returns the number of points. */
async function verify(
  client: MlflowClient,
  place: ServerPlace,
  expected: Expected,
  signal: AbortSignal,
): Promise<number> {
  let total = 0;
  for (const [arm, runId] of place.arms) {
    const wanted = new Map<string, Metric[]>();
    for (const point of expected.get(arm) ?? []) append(wanted, point.key, [point]);
    const { metrics } = await client.runs.get(runId, { signal });
    for (const key of new Set([...wanted.keys(), ...Object.keys(metrics)])) {
      const there = await countPoints(client.metrics.history(runId, key, { signal }));
      const points = wanted.get(key) ?? [];
      const found = points.every((point) => there.get(pointIdentity(point)) === 1);
      if (!found || there.size !== points.length) throw mismatch(arm, key, runId);
      total += points.length;
    }
  }
  return total;
}

function append(lists: Map<string, Metric[]>, key: string, points: readonly Metric[]): void {
  const list = lists.get(key) ?? [];
  for (const point of points) list.push(point);
  lists.set(key, list);
}

function mismatch(arm: string, key: string, runId: string): FedxError {
  return new FedxError(
    'FEDX_TRACKING_MISMATCH',
    `The server's history of ${key} in arm ${arm} (its run ${runId}) is not that of the journal.`,
    { place: { arm } },
  );
}
