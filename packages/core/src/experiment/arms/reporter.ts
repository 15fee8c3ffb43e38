import type { Metrics, Recorder } from '../../runs/index.js';
import type { Evaluated } from '../evaluation/evaluation.js';
import { type ArmHistory, differenceIn } from './arm-history.js';

/** Takes an arm's steps to the journal in their order, while the arm already trains its next one. */
export interface Reporter {
  /** `evaluated` joins the metrics once it is there. Throws what an earlier report failed with. */
  report(step: number, metrics: Metrics, evaluated?: Promise<Evaluated>): void;
  /** The last step of which the journal says what was computed here. */
  lastStep(): number;
  /** Resolves once all is recorded, with the last evaluation. */
  finish(): Promise<Evaluated | undefined>;
}

export interface ReporterOptions {
  readonly arm: string;
  readonly recorder: Recorder;
  /** What the journal held when the run was resumed: such steps are compared with it, and not recorded again. */
  readonly history: ArmHistory;
  /** Goes on from steps that are not what they were, and only says so. */
  readonly force: boolean;
}

const evaluatedLosses = ['test/loss', 'validation/loss'] as const;

export function createReporter({ arm, recorder, history, force }: ReporterOptions): Reporter {
  let last: Promise<Evaluated | undefined> = Promise.resolve(undefined);
  let confirmed = 0;
  let differs = false;
  let warned = false;
  let failure: { readonly error: unknown } | undefined;

  function record(step: number, metrics: Metrics): void {
    const before = history.steps.get(step);
    if (before === undefined) {
      recorder.record({ type: 'step-completed', arm, step, metrics });
      warnOfLoss(step, metrics);
      return;
    }
    const difference = differs ? undefined : differenceIn(arm, step, before, metrics);
    if (difference === undefined) return;
    if (!force) throw difference;
    differs = true;
    recorder.record({ type: 'warning', arm, message: difference.message });
  }

  /** Once: training ends the run where its own loss is not finite, and evaluation sees other examples, in another mode. */
  function warnOfLoss(step: number, metrics: Metrics): void {
    const key = evaluatedLosses.find((each) => metrics[each] !== undefined && !Number.isFinite(metrics[each]));
    if (key === undefined || warned) return;
    warned = true;
    const message = `${key} is ${metrics[key]} at step ${step}: in evaluation the model gives logits that are not finite.`;
    recorder.record({ type: 'warning', arm, message });
  }

  return {
    report(step, metrics, evaluated) {
      if (failure !== undefined) {
        evaluated?.catch(() => undefined);
        throw failure.error as Error;
      }
      last = Promise.all([last, evaluated]).then(([before, now]) => {
        record(step, { ...metrics, ...now?.metrics });
        confirmed = step;
        return now ?? before;
      });
      last.catch((error: unknown) => {
        failure = { error };
      });
    },
    lastStep: () => confirmed,
    finish: () => last,
  };
}
