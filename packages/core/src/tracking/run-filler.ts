import { isMlflowError, type Metric, type MlflowClient, type RunStatus } from 'mlflow-js-client';
import { type FoundRun, findOrCreateRun } from './find-or-create-run.js';
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

/** Where it belongs. */
export interface Place {
  readonly experimentId: string;
  readonly parentRunId?: string;
}

/** Brings one run on the server up to what it was told, each point exactly once. */
export interface RunFiller {
  log(points: readonly Metric[]): void;
  /** Time in milliseconds since the epoch; the run's end, where it is one. */
  setStatus(status: RunStatus, time: number): void;
  status(): RunStatus;
  /** Files to upload: by their path on the server, the local path. */
  upload(files: ReadonlyMap<string, string>): void;
  /** The run, found or made. */
  open(place: Place, signal: AbortSignal): Promise<FoundRun>;
  /** Resolves once the server has all of it; {@link open} comes first. */
  flush(found: FoundRun, signal: AbortSignal): Promise<void>;
}

/** MLflow's limit for one request, which at 250 characters a key stays below its limit in bytes too. */
const pointsARequest = 1000;

export function createRunFiller(client: MlflowClient, server: ServerRun, run: TrackedRun): RunFiller {
  let opened: FoundRun | undefined;
  let described = false;
  let status: { readonly value: RunStatus; readonly time: number } = { value: 'RUNNING', time: server.startTime };
  let told: RunStatus | undefined;
  let files: [string, string][] = [];
  /** What the server is not known to have. */
  let pending: Metric[] = [];
  /** Whether it may have some of that all the same: a request failed, or the run was there before. */
  let doubtful = false;

  async function describe(runId: string, signal: AbortSignal): Promise<void> {
    await client.runs.logBatch(runId, { params: run.params, tags: { ...run.tags, ...server.tags } }, { signal });
    await client.runs.logInputs(runId, { datasets: [run.dataset] }, { signal });
    described = true;
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
    }
  }

  async function uploadFiles(found: FoundRun, signal: AbortSignal): Promise<void> {
    for (let next = files[0]; next !== undefined; next = files[0]) {
      const [path, file] = next;
      try {
        await client.artifacts.upload({ artifactUri: found.artifactUri }, path, { file }, { signal });
      } catch (error) {
        // Nothing that will pass: this server keeps artifacts where only its own clients in Python can reach them.
        if (!isMlflowError(error, 'CLIENT_ARTIFACTS_NOT_PROXIED')) throw error;
      }
      files = files.slice(1);
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
    upload(more) {
      files = [...files, ...more];
    },
    async open({ experimentId, parentRunId }, signal) {
      if (opened !== undefined) return opened;
      const { key, name, startTime } = server;
      const parent = parentRunId === undefined ? {} : { parentRunId };
      opened = await findOrCreateRun(client, { experimentId, key, name, startTime, ...parent }, signal);
      doubtful = !opened.isNew;
      // A new run is running; what one that was there before says is to be said again.
      told = opened.isNew ? 'RUNNING' : undefined;
      return opened;
    },
    async flush(found, signal) {
      if (!described) await describe(found.runId, signal);
      await sendPoints(found.runId, signal);
      await uploadFiles(found, signal);
      await tellStatus(found.runId, signal);
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
