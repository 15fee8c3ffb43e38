/** The time that the end of an invocation has for what is still to be sent. */
export interface Patience {
  /** Aborted when it is up. */
  readonly signal: AbortSignal;
  /** Something was taken: whoever takes something, if slowly, is waited for longer. */
  heard(): void;
  /** Nothing is waited for any more. */
  stop(): void;
}

/**
 * How many seconds the end waits for one that takes nothing, and for one that takes it slowly; where the user interrupted,
 * for either.
 */
const seconds = { silent: 10, slow: 60, interrupted: 0.5 };

/** The time begins. */
export function startPatience(isInterrupted: boolean): Patience {
  const up = new AbortController();
  const after = (delay: number): NodeJS.Timeout => setTimeout(() => up.abort(), delay * 1000);
  const slow = after(isInterrupted ? seconds.interrupted : seconds.slow);
  const silent = after(seconds.silent);
  return {
    signal: up.signal,
    heard() {
      silent.refresh();
    },
    stop() {
      clearTimeout(slow);
      clearTimeout(silent);
    },
  };
}
