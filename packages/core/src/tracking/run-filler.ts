import type { Metric, MlflowClient, RunStatus } from 'mlflow-js-client';
import { type FoundRun, findOrCreateRun } from './find-or-create-run.js';
import type { InvocationPlace } from './invocation-filler.js';
import { countPoints, type PointCounts, pointIdentity } from './points.js';
import type { TrackedRun } from './tracked-run.js';

/** What one run on the server is. */
export interface ServerRun {
  /** Tags that it has and no other run has. */
  readonly key: Readonly<Record<string, string>>;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** A run on the server as what is sent to it sees it. */
export interface Target extends FoundRun {
  readonly client: MlflowClient;
  readonly experimentId: string;
  readonly signal: AbortSignal;
}

/** Sends something; done twice it is as good as done once. Throws an MlflowError, or the reason of the signal. */
export type Delivery = (target: Target) => Promise<void>;

/** Brings one run on the server up to what it was told, each point exactly once. */
export interface RunFiller {
  log(points: readonly Metric[]): void;
  /** Time in milliseconds since the epoch; the run's end, where it is one. */
  setStatus(status: RunStatus, time: number): void;
  status(): RunStatus;
  /** More to send once the points are there, such as files. */
  deliver(...deliveries: readonly Delivery[]): void;
  /** Finds or makes the run, and resolves with its id once the server has all of it. */
  flush(place: InvocationPlace, signal: AbortSignal): Promise<string>;
}

/** MLflow's limit for one request, which at 250 characters a key stays below its limit in bytes too. */
const pointsARequest = 1000;

/** `onProgress` hears of everything that the server took. */
export function createRunFiller(
  client: MlflowClient,
  server: ServerRun,
  { onProgress, run }: { readonly run: TrackedRun; readonly onProgress: () => void },
): RunFiller {
  let opened: FoundRun | undefined;
  let described = false;
  let status: { readonly value: RunStatus; readonly time: number } = { value: 'RUNNING', time: server.startTime };
  let told: RunStatus | undefined;
  let deliveries: readonly Delivery[] = [];
  /** What the server is not known to have. */
  let pending: Metric[] = [];
  /** Whether it may have some of that all the same: a request failed, or the run was there before. */
  let doubtful = false;

  async function open({ experimentId, parentRunId }: InvocationPlace, signal: AbortSignal): Promise<FoundRun> {
    if (opened !== undefined) return opened;
    const { key, name, startTime } = server;
    opened = await findOrCreateRun(client, { experimentId, key, name, startTime, parentRunId }, signal);
    doubtful = !opened.isNew;
    // A new run is running; what one that was there before says is to be said again.
    told = opened.isNew ? 'RUNNING' : undefined;
    return opened;
  }

  async function describe(runId: string, parentRunId: string, signal: AbortSignal): Promise<void> {
    // The parent again: where two were made, the runs gather below the one that stays.
    const tags = { ...run.tags, ...server.tags, 'mlflow.parentRunId': parentRunId };
    await client.runs.logBatch(runId, { params: run.params, tags }, { signal });
    await client.runs.logInputs(runId, { datasets: [run.dataset] }, { signal });
    described = true;
    onProgress();
  }

  async function sendPoints(runId: string, signal: AbortSignal): Promise<void> {
    if (doubtful && pending.length > 0) {
      const asked = [...pending];
      const missing = await missingOnServer(client, runId, asked, signal);
      // More may have come in meanwhile, which the server cannot have.
      pending = [...missing, ...pending.slice(asked.length)];
    }
    doubtful = false;
    while (pending.length > 0) {
      const part = pending.slice(0, pointsARequest);
      // From here until the answer nobody knows; only an answer clears the doubt.
      doubtful = true;
      await client.runs.logBatch(runId, { metrics: part }, { signal });
      doubtful = false;
      pending = pending.slice(part.length);
      onProgress();
    }
  }

  async function sendDeliveries(target: Target): Promise<void> {
    for (let next = deliveries[0]; next !== undefined; next = deliveries[0]) {
      await next(target);
      deliveries = deliveries.slice(1);
      onProgress();
    }
  }

  async function tellStatus(runId: string, signal: AbortSignal): Promise<void> {
    const { time, value } = status;
    if (told === value) return;
    await client.runs.update(runId, { status: value, ...(value === 'RUNNING' ? {} : { endTime: time }), signal });
    told = value;
  }

  return {
    log(points) {
      for (const point of points) pending.push(point);
    },
    setStatus(value, time) {
      status = { value, time };
    },
    status: () => status.value,
    deliver(...more) {
      deliveries = [...deliveries, ...more];
    },
    async flush({ experimentId, parentRunId }, signal) {
      const found = await open({ experimentId, parentRunId }, signal);
      if (!described) await describe(found.runId, parentRunId, signal);
      await sendPoints(found.runId, signal);
      await sendDeliveries({ ...found, client, experimentId, signal });
      await tellStatus(found.runId, signal);
      return found.runId;
    },
  };
}

/** Those of `points` that the run on the server does not have. */
async function missingOnServer(
  client: MlflowClient,
  runId: string,
  points: readonly Metric[],
  signal: AbortSignal,
): Promise<Metric[]> {
  const { metrics } = await client.runs.get(runId, { signal });
  const there = new Map<string, PointCounts>();
  for (const key of new Set(points.map((point) => point.key))) {
    if (Object.hasOwn(metrics, key)) there.set(key, await countPoints(client.metrics.history(runId, key, { signal })));
  }
  return points.filter((point) => there.get(point.key)?.has(pointIdentity(point)) !== true);
}
