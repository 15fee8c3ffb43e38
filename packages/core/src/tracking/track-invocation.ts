import { join } from 'node:path';
import { FedxError } from '../errors/index.js';
import { type JournalEntry, runsDirectory, type TrackingSummary } from '../runs/index.js';
import type { ExperimentSpec } from '../spec/index.js';
import { type BackgroundSink, type SinkOutcome, startBackgroundSink } from './background-sink.js';
import type { RunFollower } from './follow-run.js';
import { createInvocationFiller, type InvocationFiller } from './invocation-filler.js';
import { openTrackingServer, type TrackingServer } from './open-client.js';
import { startPatience } from './patience.js';
import { trackRun } from './track-run.js';
import { describeTrackedInvocation } from './tracked-invocation.js';
import type { TrackedRun } from './tracked-run.js';
import { trackingFailed } from './tracking-error.js';

/** Sends the runs of an invocation to the MLflow servers of their specs while they run. */
export interface InvocationTracking {
  /**
   * What a run with this spec is to tell its entries to, once they are on disk; the run before it has ended. Throws
   * FEDX_TRACKING_FAILED for settings that cannot be used.
   */
  follow(spec: Pick<ExperimentSpec, 'tracking'>): Promise<(entry: JournalEntry) => void>;
  /** The invocation has ended: sends what is left, for a bounded time. Never rejects; undefined where there is no server. */
  finish(): Promise<TrackingSummary | undefined>;
}

export interface InvocationTrackingOptions {
  /** Runs are in `<directory>/.fedx/runs`. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when the user interrupts: then the end waits for the server but shortly. */
  readonly signal: AbortSignal;
}

/** A run that is followed, on its server. */
interface Followed {
  readonly server: TrackingServer;
  readonly tracking: RunFollower;
  /** Resolves once it is sent, or cannot be. */
  outcome?: Promise<SinkOutcome>;
}

/** Tracks nothing until a run is followed. */
export function trackInvocation({ directory, env, signal }: InvocationTrackingOptions): InvocationTracking {
  const servers = new Map<string, TrackingServer | undefined>();
  const above = new Map<string, InvocationFiller>();
  const runs: Followed[] = [];
  let isRunning = true;
  /** The server took something. */
  let heard = (): void => undefined;

  function invocationOn({ client, experiment }: TrackingServer, run: TrackedRun, startTime: number): InvocationFiller {
    const name = experiment ?? run.name;
    const key = `${client.trackingUri} ${name}`;
    const filler =
      above.get(key) ??
      createInvocationFiller(client, describeTrackedInvocation(run, startTime), {
        experiment: name,
        isRunning: () => isRunning,
      });
    above.set(key, filler);
    return filler;
  }

  /** The end of a run is sent in the background while the next one runs. */
  function endLast(): void {
    const last = runs.at(-1);
    if (last === undefined) return;
    last.outcome ??= last.tracking
      .end()
      .catch((error: unknown) => ({ complete: false, failure: trackingFailed(last.server.client.trackingUri, error) }));
  }

  async function follow(spec: Pick<ExperimentSpec, 'tracking'>): Promise<(entry: JournalEntry) => void> {
    endLast();
    const { mlflow } = spec.tracking;
    // The sink waits and tries again by itself, so that it can be told to stop waiting.
    if (!servers.has(mlflow)) servers.set(mlflow, await openTrackingServer(mlflow, env, 0));
    const server = servers.get(mlflow);
    if (server === undefined) return () => undefined;
    const tracking = trackRun({
      client: server.client,
      directoryOf: (id) => join(runsDirectory(directory), id),
      invocationOf: (run, startTime) => invocationOn(server, run, startTime),
      onProgress: () => heard(),
    });
    runs.push({ server, tracking });
    return tracking.onEvent;
  }

  /** How the whole ended; told last, so that what says that it is finished has finished runs below it. */
  const statusSinks = (): BackgroundSink[] =>
    [...above.values()].map((filler) =>
      startBackgroundSink({
        add: () => undefined,
        flush: async (stop) => {
          await filler.tellStatus(stop);
          return undefined;
        },
      }),
    );

  return {
    follow,
    async finish() {
      endLast();
      isRunning = false;
      const patience = startPatience(signal.aborted);
      heard = patience.heard;
      const until = (attempts: readonly { readonly giveUp: () => void }[]): void => {
        const giveUp = (): void => attempts.forEach((attempt) => attempt.giveUp());
        if (patience.signal.aborted) giveUp();
        else patience.signal.addEventListener('abort', giveUp);
      };
      until(runs.map(({ tracking }) => tracking));
      const outcomes = await Promise.all(runs.map(async ({ outcome }) => outcome ?? { complete: false }));
      const sinks = statusSinks();
      until(sinks);
      outcomes.push(...(await Promise.all(sinks.map((sink) => sink.end()))));
      patience.stop();
      for (const server of servers.values()) await server?.client.close();
      return runs.length === 0 ? undefined : summarise(runs, outcomes);
    },
  };
}

/** What is to be said of all: of what is not complete, where there is such; of a single run also where its arms are. */
function summarise(runs: readonly Followed[], outcomes: readonly SinkOutcome[]): TrackingSummary {
  const bad = outcomes.findIndex((outcome) => !outcome.complete);
  const server = (runs[bad] ?? runs[0])?.server.client.trackingUri ?? '';
  const place = outcomes.find((outcome) => outcome.place !== undefined)?.place;
  return {
    server,
    complete: bad === -1,
    ...(place === undefined ? {} : { url: `${server}/#/experiments/${place.experimentId}` }),
    ...(place === undefined || runs.length > 1 ? {} : { runs: Object.fromEntries(place.arms) }),
    ...(bad === -1 ? {} : { problem: problemOf(server, outcomes[bad]?.failure) }),
  };
}

function problemOf(server: string, failure: unknown): string {
  // An aborted call says nothing of its own: the server was too slow for the time that was left.
  const slow = new FedxError('FEDX_TRACKING_FAILED', `The MLflow server ${server} did not take everything in time.`);
  return failure === undefined || (failure instanceof Error && failure.name === 'AbortError')
    ? slow.message
    : trackingFailed(server, failure).message;
}
