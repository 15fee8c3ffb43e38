import { FedxError, isFedxError } from '../../errors/index.js';

/** How long a process works on a run (`server.maxSeconds`). */
export interface TimeBudget {
  /** What the run ended with: FEDX_RUN_OUT_OF_TIME where it was interrupted because its time was over. */
  explain(error: unknown): unknown;
  /** Stops the clock. */
  end(): void;
}

/** Starts the clock; `stop` interrupts the run once `seconds` are over. Undefined is no limit. */
export function startTimeBudget(seconds: number | undefined, stop: () => void): TimeBudget {
  if (seconds === undefined) return { explain: (error) => error, end: () => undefined };
  let isSpent = false;
  const timer = setTimeout(() => {
    isSpent = true;
    stop();
  }, seconds * 1000);
  return {
    explain(error) {
      if (!isSpent || !isFedxError(error) || error.code !== 'FEDX_RUN_INTERRUPTED') return error;
      return new FedxError('FEDX_RUN_OUT_OF_TIME', `The ${seconds} s of server.maxSeconds are over.`, { cause: error });
    },
    end() {
      clearTimeout(timer);
    },
  };
}
