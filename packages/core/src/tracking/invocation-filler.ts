import type { MlflowClient, RunStatus } from 'mlflow-js-client';
import { type FoundRun, findOrCreateRun } from './find-or-create-run.js';
import type { TrackedInvocation } from './tracked-invocation.js';
import { lockTracking } from './tracking-lock.js';
import { uploadIfProxied } from './upload.js';

/** Where the runs of an invocation go on the server. */
export interface InvocationPlace {
  readonly experimentId: string;
  /** The run above those of the arms. */
  readonly parentRunId: string;
}

/** Keeps the one run of an invocation on the server, whoever of several processes comes first. */
export interface InvocationFiller {
  /** The run, found or made and described. Throws an MlflowError, or the reason of the signal. */
  open(signal: AbortSignal): Promise<InvocationPlace>;
  /** Tells how the invocation stands; nothing where it was never opened. Throws as {@link open}. */
  tellStatus(signal: AbortSignal): Promise<void>;
}

/** `experiment` is the name of the experiment on the server; `isRunning` whether this process works on the invocation. */
export function createInvocationFiller(
  client: MlflowClient,
  invocation: TrackedInvocation,
  { experiment, isRunning }: { readonly experiment: string; readonly isRunning: () => boolean },
): InvocationFiller {
  let opening: Promise<InvocationPlace> | undefined;
  let told: RunStatus | undefined;

  /** One process at a time, so that what is found and what is told stays true until it is done. */
  async function alone<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const lock = await lockTracking(invocation.locks, `${invocation.id} ${client.trackingUri}`, {
      signal,
      wait: true,
    });
    try {
      return await work();
    } finally {
      lock.release();
    }
  }

  async function find(signal: AbortSignal): Promise<InvocationPlace> {
    const { experimentId } = await client.experiments.getOrCreate({ name: experiment, signal });
    const { id, name, startTime } = invocation;
    const key = { 'fedx.invocation': id };
    const found = await alone(signal, () =>
      findOrCreateRun(client, { experimentId, key, name, startTime, isParent: true }, signal),
    );
    await describe(found, signal);
    return { experimentId, parentRunId: found.runId };
  }

  async function describe({ artifactUri, isNew, runId }: FoundRun, signal: AbortSignal): Promise<void> {
    // Params cannot be changed: of a point that was described first, they stay.
    const there = isNew ? {} : (await client.runs.get(runId, { signal })).params;
    const params = Object.entries(invocation.params).filter(([key]) => !Object.hasOwn(there, key));
    await client.runs.logBatch(runId, { params: Object.fromEntries(params), tags: invocation.tags }, { signal });
    const { spec } = invocation;
    if (spec !== undefined) await uploadIfProxied(client, artifactUri, 'spec.yaml', spec, signal);
    told = isNew ? 'RUNNING' : undefined;
  }

  async function tell(runId: string, signal: AbortSignal): Promise<void> {
    const { time, value } = invocation.status(isRunning());
    if (value === told) return;
    await client.runs.update(runId, { status: value, ...(value === 'RUNNING' ? {} : { endTime: time }), signal });
    told = value;
  }

  return {
    async open(signal) {
      opening ??= find(signal).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      const place = await opening;
      if (told === undefined) await alone(signal, () => tell(place.parentRunId, signal));
      return place;
    },
    async tellStatus(signal) {
      const place = await opening;
      if (place === undefined) return;
      await alone(signal, () => tell(place.parentRunId, signal));
    },
  };
}
