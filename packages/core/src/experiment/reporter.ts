import type { Metrics, Recorder } from '../runs/index.js';
import type { Evaluated } from './evaluation.js';

/** Takes an arm's steps to the journal in their order, while the arm already trains its next one. */
export interface Reporter {
  /** `evaluated` joins the metrics once it is there. Throws what an earlier report failed with. */
  report(step: number, metrics: Metrics, evaluated?: Promise<Evaluated>): void;
  /** Resolves once all is recorded, with the last evaluation. */
  finish(): Promise<Evaluated | undefined>;
}

export function createReporter(arm: string, recorder: Recorder): Reporter {
  let last: Promise<Evaluated | undefined> = Promise.resolve(undefined);
  let failure: { readonly error: unknown } | undefined;

  return {
    report(step, metrics, evaluated) {
      if (failure !== undefined) {
        evaluated?.catch(() => undefined);
        throw failure.error as Error;
      }
      last = Promise.all([last, evaluated]).then(([before, now]) => {
        recorder.record({ type: 'step-completed', arm, step, metrics: { ...metrics, ...now?.metrics } });
        return now ?? before;
      });
      last.catch((error: unknown) => {
        failure = { error };
      });
    },
    finish: () => last,
  };
}
