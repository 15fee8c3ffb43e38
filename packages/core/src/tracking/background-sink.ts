import { setTimeout as sleep } from 'node:timers/promises';
import { isMlflowError } from 'mlflow-js-client';
import type { JournalEntry } from '../runs/index.js';
import type { Filler, ServerPlace } from './filler.js';

/** How a sink ended. */
export interface SinkOutcome {
  /** Whether the server has all that the journal has. */
  readonly complete: boolean;
  readonly place?: ServerPlace;
  /** What stood in the way, where it is not complete. */
  readonly failure?: unknown;
}

/** Takes journal entries to a server in the background. Nothing that befalls the server reaches who adds entries. */
export interface BackgroundSink {
  /** Takes note of an entry that is on disk; returns at once. */
  add(entry: JournalEntry): void;
  /** No more will come: sends what is left, however long that takes unless {@link giveUp} ends it. Never rejects. */
  end(): Promise<SinkOutcome>;
  /** Ends all attempts. */
  giveUp(): void;
}

export interface BackgroundSinkOptions {
  /** Shortest time from one flush to the next, so that points travel in batches. */
  readonly everySeconds: number;
  /** Longest wait before the server is tried again; waits begin with `everySeconds` and double. */
  readonly longestWaitSeconds: number;
}

/** Starts to send what is added. A failure that will not pass by itself, such as wrong credentials, ends the attempts. */
export function startBackgroundSink(
  filler: Pick<Filler, 'add' | 'flush'>,
  { everySeconds, longestWaitSeconds }: BackgroundSinkOptions = { everySeconds: 1, longestWaitSeconds: 30 },
): BackgroundSink {
  const abort = new AbortController();
  const finishing = new AbortController();
  let added = 0;
  let sent = 0;
  let place: ServerPlace | undefined;
  let failure: unknown;
  let wake = (): void => {};

  /** Until there is something to send or no more will come. */
  const somethingToDo = (): Promise<void> =>
    added > sent || finishing.signal.aborted
      ? Promise.resolve()
      : new Promise((resolve) => {
          wake = resolve;
        });

  async function attempt(): Promise<boolean> {
    const until = added;
    try {
      place = await filler.flush(abort.signal);
      sent = until;
      failure = undefined;
      return true;
    } catch (error) {
      // That time ran out says less than what the server failed with before.
      if (!abort.signal.aborted) failure = error;
      return false;
    }
  }

  /** Whether everything was sent. */
  async function work(): Promise<boolean> {
    for (let failures = 0; ; ) {
      await somethingToDo();
      const done = await attempt();
      if (done && finishing.signal.aborted && sent === added) return true;
      if (abort.signal.aborted || (!done && !mayPass(failure))) return false;
      failures = done ? 0 : failures + 1;
      await pause(failures);
    }
  }

  /** Once no more will come, a flush that waits for company waits in vain, and a dead server is asked more often. */
  async function pause(failures: number): Promise<void> {
    const ending = finishing.signal.aborted;
    if (ending && failures === 0) return;
    const seconds = Math.min(everySeconds * 2 ** failures, ending ? everySeconds : longestWaitSeconds);
    const signal = ending ? abort.signal : finishing.signal;
    await sleep(seconds * 1000, undefined, { signal, ref: ending }).catch(() => {
      // Woken to finish, or to give up.
    });
  }

  const working = work();
  return {
    add(entry) {
      filler.add(entry);
      added += 1;
      wake();
    },
    async end() {
      finishing.abort();
      wake();
      const complete = await working;
      return { complete, ...(place === undefined ? {} : { place }), ...(failure === undefined ? {} : { failure }) };
    },
    giveUp() {
      abort.abort();
    },
  };
}

function mayPass(failure: unknown): boolean {
  return isMlflowError(failure) && failure.transient;
}
