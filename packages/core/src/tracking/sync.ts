import { readFile } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { FedxError } from '../errors/index.js';
import { runPaths, runsDirectory, storageFailed } from '../runs/index.js';
import { openTrackingServer } from './open-client.js';
import { syncRun } from './sync-run.js';
import { lockTracking } from './tracking-lock.js';

export interface SyncRequest {
  /** Id of a run in `<directory>/.fedx/runs`, or the path of a run's folder. */
  readonly run: string;
  readonly directory: string;
  /** Address of the server; default: `tracking.mlflow` of the run's spec, which may mean MLFLOW_TRACKING_URI. */
  readonly server?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What `fedx sync` did. */
export interface SyncSummary {
  readonly run: string;
  /** The server's address, without credentials. */
  readonly server: string;
  /** Metric points that journal and server both have; there are no others on either side. */
  readonly points: number;
  /** The experiment on the server's screen. */
  readonly url: string;
  /** The server's run of each arm, by arm. */
  readonly runs: Readonly<Record<string, string>>;
}

/**
 * Fills a run into an MLflow server, exactly once. Throws FEDX_TRACKING_FAILED, FEDX_TRACKING_MISMATCH, FEDX_TRACKING_BUSY,
 * FEDX_STORAGE_FAILED, FEDX_JOURNAL_CORRUPT.
 */
export async function sync({ directory, env, run, server, signal }: SyncRequest): Promise<SyncSummary> {
  const isPath = isAbsolute(run) || basename(run) !== run;
  const folder = isPath ? resolve(directory, run) : join(runsDirectory(directory), run);
  const id = basename(folder);
  const target = await openTrackingServer(server ?? (await serverOf(folder)), env);
  if (target === undefined) {
    throw new FedxError('FEDX_TRACKING_FAILED', `Nothing says which MLflow server run ${id} should be sent to.`, {
      hint: 'Set MLFLOW_TRACKING_URI, or give the address with --server.',
    });
  }
  const { client, experiment } = target;
  try {
    const lock = await lockTracking(join(folder, ...runPaths.tracking), client.trackingUri);
    try {
      const { place, points } = await syncRun({
        client,
        directory: folder,
        run: id,
        signal,
        ...(experiment === undefined ? {} : { experiment }),
      });
      const url = `${client.trackingUri}/#/experiments/${place.experimentId}`;
      return { run: id, server: client.trackingUri, points, url, runs: Object.fromEntries(place.arms) };
    } finally {
      lock.release();
    }
  } finally {
    await client.close();
  }
}

/** Specs of runs from before there was `tracking` mean what its default means. */
async function serverOf(folder: string): Promise<string> {
  const file = join(folder, ...runPaths.spec);
  try {
    const spec = parse(await readFile(file, 'utf8')) as { readonly tracking?: { readonly mlflow?: string } };
    const mlflow = spec.tracking?.mlflow ?? 'auto';
    // Syncing a run that was not tracked is what sync is for.
    return mlflow === 'off' ? 'auto' : mlflow;
  } catch (error) {
    throw storageFailed('read', file, error);
  }
}
