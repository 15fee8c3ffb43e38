import { join } from 'node:path';
import { type ErrorPlace, isFedxError, redact } from '../errors/index.js';
import { type JournalEntry, runsDirectory, type SinkFailure } from '../runs/index.js';
import { followRun, type RunFollower } from './follow-run.js';
import { startPatience } from './patience.js';
import { type ChosenSink, createPluginFiller, type PluginFiller } from './plugin-filler.js';

/** Gives the runs of an invocation to the sinks of their specs while they run. */
export interface SinkTracking {
  /** What a run with these sinks is to tell its entries to, once they are on disk; the run before it has ended. */
  follow(sinks: readonly ChosenSink[]): (entry: JournalEntry) => void;
  /** The invocation has ended: gives what is left, for a bounded time. Never rejects. */
  finish(): Promise<readonly SinkFailure[]>;
}

export interface SinkTrackingOptions {
  /** Runs are in `<directory>/.fedx/runs`. */
  readonly directory: string;
  /** The folder of the spec. */
  readonly specDirectory: string;
  /** Aborted when the user interrupts: then the end waits for sinks but shortly. */
  readonly signal: AbortSignal;
}

/** What kept a sink from having all of a run. */
interface Problem {
  readonly problem: string;
  readonly place?: ErrorPlace;
}

/** A run that a sink follows. */
interface Followed {
  readonly name: string;
  readonly follower: RunFollower;
  /** Present once the run has begun. */
  filler?: PluginFiller;
  run?: string;
  /** Set once the run has ended: what kept the sink from having all of it. */
  problem?: Promise<Problem | undefined>;
}

/** Gives nothing until a run is followed. */
export function trackSinks({ directory, specDirectory, signal }: SinkTrackingOptions): SinkTracking {
  const all: Followed[] = [];
  let current: readonly Followed[] = [];
  /** A sink took something. */
  let heard = (): void => undefined;

  function followWith(sink: ChosenSink): Followed {
    const followed: Followed = {
      name: sink.name,
      follower: followRun({
        directoryOf: (id) => join(runsDirectory(directory), id),
        open: (folder, { run }) => {
          const filler = createPluginFiller(sink, { run, folder, directory: specDirectory }, () => heard());
          followed.filler = filler;
          followed.run = run;
          return Promise.resolve(filler);
        },
      }),
    };
    return followed;
  }

  /** What is left of a run is given to its sinks while the next one runs. */
  function endLast(): void {
    for (const followed of current) followed.problem = problemOf(followed);
    current = [];
  }

  return {
    follow(sinks) {
      endLast();
      const started = sinks.map(followWith);
      current = started;
      all.push(...started);
      return (entry) => {
        for (const { follower } of started) follower.onEvent(entry);
      };
    },
    async finish() {
      endLast();
      const patience = startPatience(signal.aborted);
      heard = patience.heard;
      patience.signal.addEventListener('abort', () => {
        for (const { follower } of all) follower.giveUp();
      });
      const problems = await Promise.all(all.map(async ({ problem }) => problem));
      patience.stop();
      return summarise(all, problems);
    },
  };
}

/** Ends a sink's run; what kept the sink from having all of it. */
async function problemOf(followed: Followed): Promise<Problem | undefined> {
  const { name, follower } = followed;
  try {
    const { complete, failure } = await follower.end();
    const ended = followed.filler?.end();
    if (complete) {
      await ended;
      return undefined;
    }
    // That it cannot even end says less than what it failed with before.
    await ended?.catch(() => undefined);
    return failure === undefined
      ? { problem: `The sink ${name} did not take everything in time.` }
      : describeProblem(failure);
  } catch (error) {
    const ranOutOfTime = error instanceof Error && error.name === 'AbortError';
    return ranOutOfTime ? { problem: `The sink ${name} did not end in time.` } : describeProblem(error);
  }
}

function describeProblem(error: unknown): Problem {
  const problem = redact(error instanceof Error ? error.message : String(error));
  return { problem, ...(isFedxError(error) && { place: error.place }) };
}

/** One entry a sink that failed, with what it failed with first. */
function summarise(all: readonly Followed[], problems: readonly (Problem | undefined)[]): readonly SinkFailure[] {
  const failures = new Map<string, SinkFailure>();
  all.forEach(({ name, run = '' }, index) => {
    const problem = problems[index];
    if (problem === undefined) return;
    const before = failures.get(name) ?? { sink: name, run, runs: 0, ...problem };
    failures.set(name, { ...before, runs: before.runs + 1 });
  });
  return [...failures.values()];
}
