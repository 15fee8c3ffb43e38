import { type MlflowClient, tagEquals } from 'mlflow-js-client';
import { type ErrorCode, FedxError, isFedxError } from '../errors/index.js';
import { glanceAtRun, lastEntryOf, listRunIds, type RunGlance } from '../runs/index.js';
import { entriesTag } from './filler.js';
import { openTrackingServer } from './open-client.js';
import { sync } from './sync.js';
import { trackingFailed } from './tracking-error.js';

export interface MissingRequest {
  /** Whose `.fedx/runs` is synced. */
  readonly directory: string;
  /** Address of the server. */
  readonly server: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Sees the id of each run before it is sent. */
  readonly onRun: (run: string) => void;
}

/** What was done to have all runs of a folder on a server. */
export interface MissingSummary {
  /** Ids of the runs that were sent, wholly or in part. */
  readonly synced: readonly string[];
  /** Runs that could not be sent. */
  readonly failed: readonly { readonly run: string; readonly code: ErrorCode; readonly message: string }[];
  /** Where the latest invocation is on the server; absent where none of its arms is there. */
  readonly latest?: LatestPlace;
}

export interface LatestPlace {
  readonly experimentId: string;
  /** The server's runs of its arms, in the order of points and arms. */
  readonly runs: readonly string[];
}

/** A run's arms on the server, by arm. */
type Arms = Map<string, { readonly runId: string; readonly experimentId: string; readonly entries: string }>;

/**
 * Sends every run of a folder that the server lacks, or of which it has not all. Which it has, a tag in its runs says
 * that comes last. Throws FEDX_TRACKING_FAILED where the server cannot be asked; what a single run fails with is in the summary.
 */
export async function syncMissing(request: MissingRequest): Promise<MissingSummary> {
  const { directory, env, onRun, server, signal } = request;
  const target = await openTrackingServer(server, env);
  if (target === undefined) throw new FedxError('FEDX_TRACKING_FAILED', `${server} is no address of an MLflow server.`);
  const { client } = target;
  try {
    const glances = listRunIds(directory)
      .map((run) => glanceAtRun(directory, run))
      .filter(({ arms }) => arms.length > 0);
    const there = await marked(client, signal);
    const synced: string[] = [];
    const failed: { run: string; code: ErrorCode; message: string }[] = [];
    for (const glance of glances) {
      if (isComplete(directory, glance, there.get(glance.id))) continue;
      onRun(glance.id);
      try {
        await sync({ run: glance.id, directory, server, env, signal });
        synced.push(glance.id);
      } catch (error) {
        signal.throwIfAborted();
        if (!isFedxError(error)) throw error;
        failed.push({ run: glance.id, code: error.code, message: error.message });
      }
    }
    const latest = await placeOf(client, latestInvocation(glances), signal);
    return { synced, failed, ...(latest === undefined ? {} : { latest }) };
  } catch (error) {
    signal.throwIfAborted();
    throw trackingFailed(client.trackingUri, error);
  } finally {
    await client.close();
  }
}

/** The runs of arms that were sent to their end once, by run. */
async function marked(client: MlflowClient, signal: AbortSignal): Promise<ReadonlyMap<string, Arms>> {
  const runs = new Map<string, Arms>();
  const experimentIds = await experimentsOf(client, signal);
  if (experimentIds.length === 0) return runs;
  const filter = `tags.\`${entriesTag}\` != ''`;
  for await (const { experimentId, runId, tags } of client.runs.search({ experimentIds, filter, signal })) {
    const { [entriesTag]: entries = '', 'fedx.arm': arm = '', 'fedx.run': run = '' } = tags;
    const arms = runs.get(run) ?? new Map();
    runs.set(run, arms.set(arm, { runId, experimentId, entries }));
  }
  return runs;
}

async function experimentsOf(client: MlflowClient, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  for await (const { experimentId } of client.experiments.search({ signal })) ids.push(experimentId);
  return ids;
}

/** Whether the server has all that the journal has now, of a run that nobody works on. */
function isComplete(directory: string, { arms, id, status }: RunGlance, there: Arms | undefined): boolean {
  if (there === undefined || status === 'running') return false;
  const entries = String(lastEntryOf(directory, id)?.sequence ?? 0);
  // All arms that began get the mark together, and last.
  return arms.every((arm) => (there.get(arm)?.entries ?? entries) === entries);
}

/** The runs of the invocation that began last, in its order. */
function latestInvocation(glances: readonly RunGlance[]): readonly RunGlance[] {
  const last = glances.toSorted((a, b) => a.started - b.started).at(-1);
  if (last === undefined) return [];
  const { id, invocation } = last;
  return glances.filter((glance) => (invocation === undefined ? glance.id === id : glance.invocation === invocation));
}

async function placeOf(
  client: MlflowClient,
  glances: readonly RunGlance[],
  signal: AbortSignal,
): Promise<LatestPlace | undefined> {
  const experimentIds = await experimentsOf(client, signal);
  const found: { readonly experimentId: string; readonly runId: string }[] = [];
  for (const { arms, id } of glances) {
    const there = new Map<string, { readonly experimentId: string; readonly runId: string }>();
    for await (const run of client.runs.search({ experimentIds, filter: tagEquals('fedx.run', id), signal })) {
      there.set(run.tags['fedx.arm'] ?? '', run);
    }
    found.push(...arms.flatMap((arm) => there.get(arm) ?? []));
  }
  const [first] = found;
  return first && { experimentId: first.experimentId, runs: found.map(({ runId }) => runId) };
}
