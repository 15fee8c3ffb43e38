import { exitCodes } from '@fedx/core/host';
import type { TextStream } from './terminal.js';

/** A request to stop that a run can be given. */
export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM, or when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** Whether the reader of stdout went away, e.g. `fedx run … | head -1`: then there is nobody to explain the end to. */
  readonly unread: () => boolean;
  /** Stops listening. */
  readonly release: () => void;
}

/** What tells of signals and ends the process: `process`, or a test's own. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Listens for interruptions until released. A second signal ends the process at once with code 130. */
export function listenForInterruption(source: SignalSource, stdout: TextStream): Interruption {
  const controller = new AbortController();
  let unread = false;
  const onSignal = (): void => {
    if (controller.signal.aborted) source.exit(exitCodes.interrupted);
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
