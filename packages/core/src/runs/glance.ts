/** A run at a glance: what the ends of its journal say, however long it is. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { JournalEntry, Metrics } from './events.js';
import { invocationsFolder, isInvocationRunning, readInvocation } from './invocation.js';
import { decodeLine } from './journal-line.js';
import { runPaths } from './run-folder.js';
import { isRunId, nameInId, timeInId } from './run-id.js';

/** `unfinished`: its process ended without a word, or the folder lost its journal. */
export type RunStatus = 'completed' | 'failed' | 'interrupted' | 'running' | 'unfinished';

export interface RunGlance {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** From the first entry to the last. */
  readonly seconds: number;
  readonly arms: readonly string[];
  /** This and the next are absent where the journal does not say. */
  readonly seed?: number;
  readonly invocation?: string;
  readonly overrides: Readonly<Record<string, unknown>>;
  /** The last step of each arm that the end of the journal tells of. */
  readonly latest: Readonly<Record<string, { readonly step: number; readonly metrics: Metrics }>>;
}

/** So many bytes of each end are read: some dozens of entries, even of hundreds of classes. */
const END = 64 * 1024;

/** Where runs lie. */
export function runsFolder(directory: string): string {
  return resolve(directory, '.fedx', 'runs');
}

/** Ids of all runs, the oldest first. What others put into the folder is passed over. */
export function listRunIds(directory: string): readonly string[] {
  return namesIn(runsFolder(directory)).filter(isRunId).sort();
}

/** The last whole entry of a run's journal; undefined where there is none. */
export function lastEntryOf(directory: string, id: string): JournalEntry | undefined {
  return endsOf(join(runsFolder(directory), id, ...runPaths.journal)).tail.at(-1);
}

/** Looks at one run; a torn or empty journal makes it `unfinished`. */
export function glanceAtRun(directory: string, id: string): RunGlance {
  const { head, tail } = endsOf(join(runsFolder(directory), id, ...runPaths.journal));
  const first = head[0];
  const last = tail.at(-1);
  const started = first?.type === 'run-started' ? first : undefined;
  const latest = tail.flatMap((entry) =>
    entry.type === 'step-completed' ? [[entry.arm, { step: entry.step, metrics: entry.metrics }] as const] : [],
  );
  return {
    id,
    name: started?.name ?? nameInId(id),
    status: statusOf(directory, id, last, started?.invocation),
    started: started?.time ?? timeInId(id),
    seconds: started === undefined || last === undefined ? 0 : (last.time - started.time) / 1000,
    arms: started?.arms ?? [],
    ...(started?.seed === undefined ? {} : { seed: started.seed }),
    ...(started?.invocation === undefined ? {} : { invocation: started.invocation }),
    overrides: started?.overrides ?? {},
    latest: Object.fromEntries(latest),
  };
}

function statusOf(
  directory: string,
  id: string,
  last: JournalEntry | undefined,
  invocation: string | undefined,
): RunStatus {
  switch (last?.type) {
    case 'run-completed':
      return 'completed';
    case 'run-failed':
      return 'failed';
    case 'run-interrupted':
      return 'interrupted';
    default:
      return isBeingWorkedOn(directory, id, invocation) ? 'running' : 'unfinished';
  }
}

/** A run that has no journal yet is told from one that lost it by the invocations that are running. */
function isBeingWorkedOn(directory: string, id: string, invocation: string | undefined): boolean {
  if (invocation !== undefined) return isInvocationRunning(directory, invocation);
  return listInvocationIds(directory)
    .filter((candidate) => isInvocationRunning(directory, candidate))
    .some((candidate) => runsOfInvocation(directory, candidate).includes(id));
}

/** The runs that an invocation has begun; none of one whose record cannot be read. */
function runsOfInvocation(directory: string, id: string): readonly string[] {
  try {
    return readInvocation(directory, id).points.flatMap(({ runs }) => runs);
  } catch {
    return [];
  }
}

/** Ids of all invocations, the oldest first. */
export function listInvocationIds(directory: string): readonly string[] {
  return namesIn(invocationsFolder(directory))
    .flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []))
    .filter(isRunId)
    .sort();
}

/** The entries in the first and in the last bytes of a journal, as far as they are whole. */
function endsOf(path: string): { readonly head: readonly JournalEntry[]; readonly tail: readonly JournalEntry[] } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { size } = fstatSync(descriptor);
    const head = entriesOf(bytesAt(descriptor, 0, Math.min(END, size)));
    return { head, tail: size <= END ? head : entriesOf(bytesAt(descriptor, size - END, END)) };
  } catch {
    return { head: [], tail: [] };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function bytesAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

/** A line that was cut, at either end, fails its checksum. */
function entriesOf(bytes: Buffer): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let from = 0, end = bytes.indexOf('\n'); end !== -1; from = end + 1, end = bytes.indexOf('\n', from)) {
    const entry = decodeLine(bytes.subarray(from, end));
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
