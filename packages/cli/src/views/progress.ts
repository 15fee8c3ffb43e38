import type { JournalEntry, Metrics } from '@fedx/core/host';

/** How far an arm is. */
export interface ArmProgress {
  readonly arm: string;
  /** What a step is. */
  readonly unit: 'epoch' | 'round';
  /** Step that was completed last; 0 before the first. */
  readonly step: number;
  /** Steps in all; 0 while the arm waits. */
  readonly steps: number;
  /** Steps that were done when it started: of a resumed run, those of its checkpoint. */
  readonly from: number;
  /** Metrics of the last step that had any of that name. */
  readonly metrics: Metrics;
  readonly state: 'waiting' | 'running' | 'completed';
  /** Milliseconds since the epoch at which the arm started, and of its last event. */
  readonly started: number;
  readonly latest: number;
}

/** The arms in the order of the run. */
export type Progress = readonly ArmProgress[];

/** The progress after one more entry of the journal. Entries that say nothing of an arm change nothing. */
export function advance(progress: Progress, entry: JournalEntry): Progress {
  switch (entry.type) {
    case 'run-started':
      return entry.arms.map((arm) => ({
        arm,
        unit: 'round',
        step: 0,
        steps: 0,
        from: 0,
        metrics: {},
        state: 'waiting',
        started: 0,
        latest: 0,
      }));
    case 'run-resumed':
      return entry.arms.map(({ arm, use, step, steps }) => ({
        ...{ arm, step, steps, from: step, metrics: {}, started: entry.time, latest: entry.time },
        unit: use === 'centralized' ? 'epoch' : 'round',
        state: step === steps ? 'completed' : 'running',
      }));
    case 'arm-started':
      return change(progress, entry.arm, () => ({
        unit: entry.use === 'centralized' ? 'epoch' : 'round',
        steps: entry.steps,
        state: 'running',
        started: entry.time,
        latest: entry.time,
      }));
    case 'step-completed':
      return change(progress, entry.arm, ({ metrics }) => ({
        step: entry.step,
        metrics: { ...metrics, ...entry.metrics },
        latest: entry.time,
      }));
    case 'arm-completed':
      return change(progress, entry.arm, () => ({ step: entry.steps, state: 'completed', latest: entry.time }));
    default:
      return progress;
  }
}

function change(progress: Progress, arm: string, changes: (before: ArmProgress) => Partial<ArmProgress>): Progress {
  return progress.map((before) => (before.arm === arm ? { ...before, ...changes(before) } : before));
}

/** Seconds until the arm ends if it goes on as it went; undefined before the first step. */
export function secondsLeft({ from, step, steps, started, latest }: ArmProgress): number | undefined {
  const done = step - from;
  return done <= 0 ? undefined : ((latest - started) / 1000 / done) * (steps - step);
}

/** The accuracy that stands for an arm: the deployed model's, or the mean over the clients' own models (local-only). */
export function headlineAccuracy<Value>(metrics: Readonly<Record<string, Value>>): Value | undefined {
  return metrics['test/accuracy'] ?? metrics['personal/test/accuracy/mean'];
}

/** The loss that stands for an arm: the deployed model's, or what local training reported. */
export function headlineLoss<Value>(metrics: Readonly<Record<string, Value>>): Value | undefined {
  return metrics['test/loss'] ?? metrics['local/loss'];
}
