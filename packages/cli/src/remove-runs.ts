import { relative } from 'node:path';
import { FedxError, findGarbage, planRemoval, type Removal, remove, selectRuns } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { renderRemovals } from './views/removals.js';

interface RemovalCommand {
  readonly directory: string;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

export interface RemoveCommand extends RemovalCommand {
  readonly names: readonly string[];
  /** Whether to go ahead; undefined where there is nobody to ask. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
}

export interface GarbageCommand extends RemovalCommand {
  readonly cache: string;
  /** Milliseconds since the epoch. */
  readonly before: number;
  readonly now: number;
  readonly dryRun: boolean;
}

/**
 * Removes runs once the user agrees. Throws FEDX_RUN_BUSY for a run that is running, before anything is removed, and
 * FEDX_USAGE where there is nobody to ask.
 */
export async function removeRuns({ directory, names, confirm, mode, terminal }: RemoveCommand): Promise<void> {
  const removals = planRemoval(directory, selectRuns(directory, names));
  if (confirm === undefined) {
    throw new FedxError('FEDX_USAGE', 'Nobody is there to confirm what would be removed.', {
      hint: 'Add --yes to remove without being asked.',
    });
  }
  const agreed = await confirm(renderRemovals(named(removals, directory), 'would be removed'));
  if (agreed) remove(removals);
  report(agreed ? removals : [], { directory, mode, terminal });
}

/** Removes what runs left behind, or says what it would remove. */
export function collectGarbage({ dryRun, mode, terminal, ...options }: GarbageCommand): void {
  const { directory } = options;
  const removals = findGarbage(options);
  if (!dryRun) remove(removals);
  report(removals, { directory, mode, terminal }, dryRun);
}

/** The JSON document is `{ dryRun, removed: [{ kind, path, bytes, reason }], bytes }`. */
function report(removals: readonly Removal[], { directory, mode, terminal }: RemovalCommand, dryRun = false): void {
  const removed = named(removals, directory);
  if (mode === 'json') {
    const bytes = removed.reduce((sum, each) => sum + each.bytes, 0);
    writeJson(terminal.stdout, { dryRun, removed, bytes });
  } else {
    writeLine(terminal.stdout, renderRemovals(removed, dryRun ? 'would be removed' : 'removed'));
  }
}

/** With paths as the user sees them. */
function named(removals: readonly Removal[], directory: string): readonly Removal[] {
  return removals.map((removal) => ({ ...removal, path: relative(directory, removal.path) }));
}
