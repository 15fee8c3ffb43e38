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
 * holds metrics is taken, and the empty ones are deleted.
 */
export async function findOrCreateRun(client: MlflowClient, wanted: WantedRun, signal: AbortSignal): Promise<FoundRun> {
  const found = await find(client, wanted, signal);
  if (found !== undefined) return { ...found, isNew: false };
  const { key, ...run } = wanted;
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
  { experimentId, key }: WantedRun,
  signal: AbortSignal,
): Promise<Omit<FoundRun, 'isNew'> | undefined> {
  const filter = Object.entries(key)
    .map(([tag, value]) => tagEquals(tag, value))
    .join(' and ');
  const runs: Run[] = [];
  for await (const run of client.runs.search({ experimentIds: [experimentId], filter, signal })) runs.push(run);
  const isEmpty = (run: Run): boolean => Object.keys(run.metrics).length === 0;
  const [first, ...others] = runs.toSorted(
    (a, b) => Number(isEmpty(a)) - Number(isEmpty(b)) || (a.runId < b.runId ? -1 : 1),
  );
  for (const other of others.filter(isEmpty)) await client.runs.delete(other.runId, { signal });
  return first;
}
