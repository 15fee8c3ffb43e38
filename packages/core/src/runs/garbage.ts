/** What `fedx runs gc` finds to remove. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { glanceAtRun, listRunIds, runsFolder } from './glance.js';
import { invocationsFolder, isInvocationRunning } from './invocation.js';
import { emptyInvocations, type Removal, runRemoval, sizeOf } from './remove.js';
import { runPaths } from './run-folder.js';

export interface GarbageOptions {
  readonly directory: string;
  /** The folder of prepared data; other folders may share it. */
  readonly cache: string;
  /** Runs and cache entries from before then, in milliseconds since the epoch, go. */
  readonly before: number;
  readonly now: number;
}

const HOUR = 3_600_000;
/** A cache may be shared with runs that are not seen from here: what was used within a day stays. */
const DAY = 24 * HOUR;

/**
 * Runs that did not complete and began before `before`, invocations without runs, locks that nobody holds, temporary
 * files that no process can be writing any more, and prepared data that nothing has used since. Removes nothing.
 */
export function findGarbage(options: GarbageOptions): readonly Removal[] {
  const { directory } = options;
  const runs = staleRuns(options);
  const gone = new Set(runs.map(({ path }) => path));
  return [
    ...runs,
    ...emptyInvocations(
      directory,
      runs.map(({ path }) => basename(path)),
    ),
    ...staleLocks(directory),
    ...[runsFolder(directory), invocationsFolder(directory), join(options.cache, 'datasets')]
      .flatMap((folder) => temporaryFiles(folder, options.now - HOUR))
      .filter(({ path }) => ![...gone].some((folder) => path.startsWith(folder))),
    ...unusedCache(options, gone),
  ];
}

function staleRuns({ directory, before }: GarbageOptions): readonly Removal[] {
  return listRunIds(directory).flatMap((id) => {
    const { status, started } = glanceAtRun(directory, id);
    if (status === 'completed' || status === 'running' || started >= before) return [];
    return [runRemoval(directory, id, status)];
  });
}

function staleLocks(directory: string): readonly Removal[] {
  const folder = invocationsFolder(directory);
  return namesIn(folder).flatMap((name) => {
    if (!name.endsWith('.lock') || isInvocationRunning(directory, name.slice(0, -'.lock'.length))) return [];
    const path = join(folder, name);
    return [{ kind: 'lock' as const, path, bytes: sizeOf(path), reason: 'its process has ended' }];
  });
}

/** Files that an atomic write left behind, anywhere below a folder. */
function temporaryFiles(folder: string, before: number): readonly Removal[] {
  return namesIn(folder).flatMap((name): readonly Removal[] => {
    const path = join(folder, name);
    const stat = statOf(path);
    if (stat?.isDirectory() === true) return temporaryFiles(path, before);
    if (stat?.isFile() !== true || !/^\..+\.[0-9a-f]{8}\.tmp$/.test(name) || stat.mtimeMs >= before) return [];
    return [{ kind: 'temporary', path, bytes: stat.size, reason: 'a write that never ended' }];
  });
}

/** Prepared datasets are named by digest; a run writes its programs beside the data, so the newest file tells the last use. */
function unusedCache({ directory, cache, before, now }: GarbageOptions, gone: ReadonlySet<string>): readonly Removal[] {
  const datasets = join(cache, 'datasets');
  const limit = Math.min(before, now - DAY);
  const old = namesIn(datasets).filter((digest) => {
    const path = join(datasets, digest);
    return /^[0-9a-f]{64}$/.test(digest) && newest(path) < limit;
  });
  if (old.length === 0) return [];
  const used = datasetsOfRuns(directory, gone);
  return old.flatMap((digest) => {
    const path = join(datasets, digest);
    if (!used.has(digest)) return [cacheRemoval(path, 'no run here uses this dataset')];
    return namesIn(path)
      .filter((name) => name.endsWith('.onnx'))
      .map((name) => cacheRemoval(join(path, name), 'a program that is compiled again when it is needed'));
  });
}

function cacheRemoval(path: string, reason: string): Removal {
  return { kind: 'cache', path, bytes: sizeOf(path), reason };
}

/** Digests of the datasets of the runs that stay. */
function datasetsOfRuns(directory: string, gone: ReadonlySet<string>): ReadonlySet<unknown> {
  const folders = listRunIds(directory).map((id) => join(runsFolder(directory), id));
  return new Set(folders.filter((folder) => !gone.has(folder)).map(datasetOf));
}

function datasetOf(folder: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, ...runPaths.partition), 'utf8'));
    return (manifest as { readonly dataset?: unknown } | null)?.dataset;
  } catch {
    return undefined;
  }
}

/** When a folder or anything directly in it was last changed; never, where it cannot be seen. */
function newest(folder: string): number {
  const times = [folder, ...namesIn(folder).map((name) => join(folder, name))].map((path) => statOf(path)?.mtimeMs);
  return Math.max(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
}

function statOf(path: string) {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
