import type { MlflowClient, RunStatus } from 'mlflow-js-client';
import type { JournalEntry } from '../runs/index.js';
import { deliveriesAtEnd, deliveriesAtStart, tableTag } from './deliveries.js';
import type { InvocationFiller, InvocationPlace } from './invocation-filler.js';
import { pointsOf } from './points.js';
import { createRunFiller, type RunFiller } from './run-filler.js';
import type { TrackedRun } from './tracked-run.js';

/** Where a run is on the server. */
export interface ServerPlace extends InvocationPlace {
  /** The server's run of each arm, by arm. */
  readonly arms: ReadonlyMap<string, string>;
}

/** Brings a server up to what a run's journal says, each point exactly once. */
export interface Filler {
  /** Takes note of an entry that is on disk; entries come in the journal's order. */
  add(entry: JournalEntry): void;
  /** The run ended without saying so: its process was killed, at latest when the last entry was written. */
  abandon(): void;
  /**
   * Resolves once the server has everything that was added so far; undefined where that is nothing. Where it fails,
   * nothing is lost and nothing will be doubled: the next flush reads back what may have arrived before it sends.
   * Throws an MlflowError, or the reason of the signal.
   */
  flush(signal: AbortSignal): Promise<ServerPlace | undefined>;
}

/** The tag of an arm's run on the server that holds how many journal entries the run had when all of it was there. */
export const entriesTag = 'fedx.entries';

/** An arm on the server, and what it is. */
interface Arm {
  readonly filler: RunFiller;
  readonly use: string;
}

/** The run's arms go below the run of its invocation; `onProgress` hears of everything that the server took. */
export function createFiller(
  client: MlflowClient,
  run: TrackedRun,
  invocation: InvocationFiller,
  onProgress = (): void => undefined,
): Filler {
  const arms = new Map<string, Arm>();
  let engine = '';
  let last: JournalEntry | undefined;
  /** The number of the entry that ended the run, until the server knows that it has all. */
  let unmarked: number | undefined;

  function start({ arm, time, use }: Extract<JournalEntry, { readonly type: 'arm-started' }>): void {
    const filler = createRunFiller(
      client,
      {
        key: { 'fedx.run': run.run, 'fedx.arm': arm },
        name: run.point === '' ? arm : `${arm} ${run.point}`,
        startTime: time,
        tags: { 'fedx.use': use, 'fedx.engine': engine, ...tableTag(use) },
      },
      { run, onProgress },
    );
    filler.deliver(...deliveriesAtStart(run, use));
    arms.set(arm, { filler, use });
  }

  function add(entry: JournalEntry): void {
    last = entry;
    if (entry.type === 'run-started') engine = entry.engine;
    else if (entry.type === 'arm-started') {
      if (!arms.has(entry.arm)) start(entry);
    } else if (entry.type === 'step-completed') {
      const filler = arms.get(entry.arm)?.filler;
      filler?.log(pointsOf(entry));
      // An interrupted run may go on.
      if (filler?.status() !== 'RUNNING') filler?.setStatus('RUNNING', entry.time);
    } else if (entry.type === 'arm-completed') {
      const arm = arms.get(entry.arm);
      arm?.filler.setStatus('FINISHED', entry.time);
      arm?.filler.deliver(...deliveriesAtEnd(run, arm.use, entry));
    } else if (entry.type in endings) end(endings[entry.type as keyof typeof endings], entry);
  }

  /** Ends whichever arms have not ended by themselves. */
  function end(status: RunStatus, { sequence, time }: JournalEntry): void {
    for (const { filler } of arms.values()) if (filler.status() === 'RUNNING') filler.setStatus(status, time);
    unmarked = sequence;
  }

  async function flush(signal: AbortSignal): Promise<ServerPlace | undefined> {
    if (last === undefined) return undefined;
    const place = await invocation.open(signal);
    const runIds = new Map<string, string>();
    const entries = unmarked;
    for (const [name, { filler }] of arms) runIds.set(name, await filler.flush(place, signal));
    if (entries !== undefined) {
      for (const runId of runIds.values()) await client.runs.setTag(runId, entriesTag, String(entries), { signal });
      unmarked = undefined;
    }
    return { ...place, arms: runIds };
  }

  return {
    add,
    abandon() {
      if (last !== undefined && !(last.type in endings)) end('KILLED', last);
    },
    flush,
  };
}

/** How a run's last event reads in MLflow. */
const endings = { 'run-completed': 'FINISHED', 'run-failed': 'FAILED', 'run-interrupted': 'KILLED' } as const;
