import { isMlflowError, type MlflowClient, type Run, tagEquals } from 'mlflow-js-client';

/** A run on the server that is to exist once. */
export interface WantedRun {
  readonly experimentId: string;
  /** Tags that it has and no other run has. */
  readonly key: Readonly<Record<string, string>>;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly parentRunId?: string;
  /** Whether other runs are below it, rather than metrics in it. */
  readonly isParent?: boolean;
}

export interface FoundRun {
  readonly runId: string;
  readonly artifactUri: string;
  /** Whether it was made just now, and so holds nothing. */
  readonly isNew: boolean;
}

/**
 * The run with this key, made where there is none. Making one is not idempotent: where the answer is lost, the next call
 * finds what became of it. Of several, which only a lost answer that took effect late can leave behind, the one that
 * holds metrics (or runs, as a parent) is taken, and the empty ones are deleted.
 */
export async function findOrCreateRun(client: MlflowClient, wanted: WantedRun, signal: AbortSignal): Promise<FoundRun> {
  const found = await find(client, wanted, signal);
  if (found !== undefined) return { ...found, isNew: false };
  const { isParent: _, key, ...run } = wanted;
  try {
    const made = await client.runs.create({ ...run, tags: key, signal });
    return { runId: made.runId, artifactUri: made.artifactUri, isNew: true };
  } catch (error) {
    const late = isMlflowError(error) && error.mayHaveHappened ? await find(client, wanted, signal) : undefined;
    if (late === undefined) throw error;
    return { ...late, isNew: false };
  }
}

async function find(
  client: MlflowClient,
  { experimentId, isParent = false, key }: WantedRun,
  signal: AbortSignal,
): Promise<Omit<FoundRun, 'isNew'> | undefined> {
  const filter = Object.entries(key)
    .map(([tag, value]) => tagEquals(tag, value))
    .join(' and ');
  const runs: Run[] = [];
  for await (const run of client.runs.search({ experimentIds: [experimentId], filter, signal })) runs.push(run);
  if (runs.length < 2) return runs[0];
  const used = new Set<Run>();
  for (const run of runs) {
    const holdsSome = isParent ? await hasChildren(client, run, signal) : Object.keys(run.metrics).length > 0;
    if (holdsSome) used.add(run);
  }
  const [first, ...others] = runs.toSorted(
    (a, b) => Number(used.has(b)) - Number(used.has(a)) || (a.runId < b.runId ? -1 : 1),
  );
  for (const other of others.filter((run) => !used.has(run))) await client.runs.delete(other.runId, { signal });
  return first;
}

async function hasChildren(client: MlflowClient, run: Run, signal: AbortSignal): Promise<boolean> {
  const { done } = await client.runs.children(run, { signal }).next();
  return done !== true;
}
