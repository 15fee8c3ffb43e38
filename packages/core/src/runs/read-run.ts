import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartitionManifest } from '../data/index.js';
import type { Environment } from './environment.js';
import type { JournalEntry } from './events.js';
import { glanceAtRun, type RunGlance, runsFolder } from './glance.js';
import { readJournal } from './journal-reader.js';
import { type RunPath, runPaths } from './run-folder.js';
import { summarise } from './summarise.js';
import type { ArmSummary } from './summary.js';

/** All that a run folder holds of a run, beside models. What is missing or torn there is absent here. */
export interface RunRecord {
  readonly run: RunGlance;
  readonly arms: readonly ArmSummary[];
  readonly entries: readonly JournalEntry[];
  /** Text of spec.resolved.yaml. */
  readonly spec?: string;
  readonly environment?: Environment;
  readonly partition?: PartitionManifest;
  /** Why the journal ends early, where it is damaged before its end. */
  readonly damage?: string;
}

/** Reads a run of `directory` by its id. */
export async function readRun(directory: string, id: string): Promise<RunRecord> {
  const file = (path: RunPath): string => join(runsFolder(directory), id, ...path);
  const { entries, damage } = await readEntries(file(runPaths.journal));
  const run = glanceAtRun(directory, id);
  const arms = summarise(entries, {
    seed: run.seed ?? Number.NaN,
    directory: join('.fedx', 'runs', id),
    overrides: run.overrides,
  });
  const spec = readText(file(runPaths.spec));
  const environment = readJson(file(runPaths.environment)) as Environment | undefined;
  const partition = readJson(file(runPaths.partition)) as PartitionManifest | undefined;
  return {
    run,
    arms,
    entries,
    ...(spec === undefined ? {} : { spec }),
    ...(environment === undefined ? {} : { environment }),
    ...(partition === undefined ? {} : { partition }),
    ...(damage === undefined ? {} : { damage }),
  };
}

/** The entries up to the first damage. */
async function readEntries(
  path: string,
): Promise<{ readonly entries: readonly JournalEntry[]; readonly damage?: string }> {
  const entries: JournalEntry[] = [];
  try {
    for await (const entry of readJournal(path)) entries.push(entry);
    return { entries };
  } catch (error) {
    return { entries, damage: error instanceof Error ? error.message : String(error) };
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Files of a run are written in one piece: one that is no JSON is not ours. */
function readJson(path: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
