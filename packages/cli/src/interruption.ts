import type { TextStream } from './terminal.js';

/** A request to stop that a run can be given. */
export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, or when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** Whether the reader of stdout went away, e.g. `fedx run … | head -1`: then there is nobody to explain the end to. */
  readonly unread: () => boolean;
  /** Stops listening. */
  readonly release: () => void;
}

/** What tells of signals and ends the process: `process`, or a test's own. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  removeAllListeners(signal: NodeJS.Signals): unknown;
  readonly pid: number;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

/** SIGHUP: the terminal is gone; both the system and the shell may say so. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens for interruptions until released. A second SIGINT or SIGTERM ends the process at once, by SIGINT itself, which a
 * shell tells as 130: an exit would wait for the threads that are in a native call.
 */
export function listenForInterruption(source: SignalSource, stdout: TextStream): Interruption {
  const controller = new AbortController();
  let unread = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted && signal !== 'SIGHUP') {
      source.removeAllListeners('SIGINT');
      source.kill(source.pid, 'SIGINT');
    }
    controller.abort();
  };
  const onWriteError = (): void => {
    unread = true;
    controller.abort();
  };
  for (const signal of SIGNALS) source.on(signal, onSignal);
  stdout.on('error', onWriteError);
  return {
    signal: controller.signal,
    unread: () => unread,
    release: () => {
      for (const signal of SIGNALS) source.off(signal, onSignal);
      stdout.off('error', onWriteError);
    },
  };
}
