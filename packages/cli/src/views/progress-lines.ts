import type { JournalEntry } from '@fedx/core/host';
import { formatDuration, formatEstimate, formatMetric } from './figures.js';
import type { Paint } from './paint.js';
import { type ArmProgress, headlineAccuracy, headlineLoss, type Progress, secondsLeft } from './progress.js';

/** The live view: one line an arm, e.g. `federated    round  37/100  accuracy 0.8123  loss 0.6123  ETA 12 s`. */
export function renderProgress(progress: Progress, paint: Paint): string {
  const width = Math.max(...progress.map(({ arm }) => arm.length));
  return progress.map((arm) => `${paint('bold', arm.arm.padEnd(width))}  ${renderArm(arm, paint)}`).join('\n');
}

function renderArm(arm: ArmProgress, paint: Paint): string {
  if (arm.state === 'waiting') return paint('dim', 'waiting');
  const count = `${arm.unit} ${String(arm.step).padStart(String(arm.steps).length)}/${arm.steps}`;
  return [count, ...renderMetrics(arm), renderEnd(arm, paint)].filter(Boolean).join('  ');
}

function renderMetrics({ metrics }: Pick<ArmProgress, 'metrics'>): string[] {
  const accuracy = headlineAccuracy(metrics);
  const loss = headlineLoss(metrics);
  return [
    ...(accuracy === undefined ? [] : [`accuracy ${formatMetric(accuracy)}`]),
    ...(loss === undefined ? [] : [`loss ${formatMetric(loss)}`]),
  ];
}

function renderEnd(arm: ArmProgress, paint: Paint): string {
  if (arm.state === 'completed') return paint('green', `done in ${formatDuration((arm.latest - arm.started) / 1000)}`);
  const left = secondsLeft(arm);
  return left === undefined ? '' : paint('dim', `ETA ${formatEstimate(left)}`);
}

/**
 * The plain line of an entry, for files and pipes; undefined for an entry that has none. `progress` is that after it.
 * E.g. `federated  round 3/100  accuracy 0.6123  loss 1.2345  12.3 ms`.
 */
export function renderEntry(entry: JournalEntry, progress: Progress): string | undefined {
  if (entry.type === 'run-started') {
    return `run ${entry.run}  engine ${entry.engine}  workers ${entry.workers}  arms ${entry.arms.join(', ')}`;
  }
  if (entry.type === 'run-resumed') {
    const places = entry.arms.map(({ arm, step, steps }) => `${arm} ${step}/${steps}`);
    return `run ${entry.run}  goes on after  ${places.join(', ')}`;
  }
  if (entry.type === 'arm-started' && entry.repeats !== undefined)
    return `${entry.arm}  the same as in run ${entry.repeats}, which trained it`;
  if (entry.type !== 'step-completed') return undefined;
  const arm = progress.find(({ arm: name }) => name === entry.arm);
  const steps = arm?.steps ?? entry.step;
  const seconds = entry.metrics['time/round-seconds'];
  const count = `${arm?.unit ?? 'round'} ${entry.step}/${steps}`;
  return [entry.arm, count, ...renderMetrics(entry), ...(seconds === undefined ? [] : [formatDuration(seconds)])].join(
    '  ',
  );
}

/** A warning of the run or of an arm. */
export function renderWarning(
  { arm, message }: { readonly arm?: string; readonly message: string },
  paint: Paint,
): string {
  return `${paint('yellow', 'warning:')} ${arm === undefined ? '' : `${arm}: `}${message}`;
}
