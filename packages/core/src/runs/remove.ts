import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FedxError } from '../errors/index.js';
import { glanceAtRun, listInvocationIds, listRunIds, runsFolder } from './glance.js';
import { invocationsFolder, isInvocationRunning, readInvocation } from './invocation.js';
import { storageFailed } from './storage-error.js';

/** Something that was removed, or would be. */
export interface Removal {
  readonly kind: 'run' | 'invocation' | 'temporary' | 'lock' | 'cache';
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  readonly reason: string;
}

/** What removing these runs would remove: their folders, and the record of an invocation that then has none. Throws FEDX_RUN_BUSY where one of them is running. */
export function planRemoval(directory: string, ids: readonly string[]): readonly Removal[] {
  const runs = ids.map((id) => {
    const { status } = glanceAtRun(directory, id);
    if (status === 'running') throw new FedxError('FEDX_RUN_BUSY', `The run ${id} is still running.`);
    return runRemoval(directory, id, status);
  });
  return [...runs, ...emptyInvocations(directory, ids)];
}

/** A run's folder as something to remove. */
export function runRemoval(directory: string, id: string, reason: string): Removal {
  const path = join(runsFolder(directory), id);
  return { kind: 'run', path, bytes: sizeOf(path), reason };
}

/** Removes files and folders, links themselves and never what they lead to. Throws FEDX_STORAGE_FAILED. */
export function remove(removals: readonly Removal[]): void {
  for (const { path } of removals) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      throw storageFailed('remove', path, error);
    }
  }
}

/** Records of invocations of which no run is left once `removed` are gone. */
export function emptyInvocations(directory: string, removed: readonly string[]): readonly Removal[] {
  const gone = new Set(removed);
  const runs = new Set(listRunIds(directory).filter((id) => !gone.has(id)));
  return listInvocationIds(directory).flatMap((id) => {
    if (isInvocationRunning(directory, id) || hasRun(directory, id, runs)) return [];
    const path = join(invocationsFolder(directory), `${id}.json`);
    return [{ kind: 'invocation' as const, path, bytes: sizeOf(path), reason: 'no run of it is left' }];
  });
}

/** What cannot be read is not ours to judge. */
function hasRun(directory: string, invocation: string, existing: ReadonlySet<string>): boolean {
  try {
    return readInvocation(directory, invocation).points.some(({ runs }) => runs.some((run) => existing.has(run)));
  } catch {
    return true;
  }
}

/** Bytes of a file, or of all files in a folder; 0 for what is gone meanwhile. */
export function sizeOf(path: string): number {
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return stat.size;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch {
    return 0;
  }
}
