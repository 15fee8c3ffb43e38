import { FedxError } from '../../errors/index.js';
import type { Metrics } from '../../runs/index.js';

/** Keys of the metrics that are one number a step. The same in every arm, so that their curves overlay. */
export const metricKeys = {
  /** What local training reported, weighted by examples. */
  localLoss: 'local/loss',
  /** The deployed model on training data, without regularisers. */
  trainLoss: 'train/loss',
  /** Euclidean norm of the change of the global parameters. */
  updateNorm: 'update/norm',
  roundSeconds: 'time/round-seconds',
  /** From clients to the server. */
  bytesUp: 'bytes/up',
  /** From the server to clients. */
  bytesDown: 'bytes/down',
  /** Training examples seen since the start, each time one is seen. */
  examples: 'progress/examples',
  /** Local steps taken since the start, over all clients. */
  localSteps: 'progress/local-steps',
  /** Clients of the cohort that failed and were left out. */
  failedClients: 'clients/failed',
  /** Updates that arrived, where the environment kept some from it. */
  updates: 'cohort/updates',
  /** What the run gave away up to this round, for {@link delta}. */
  epsilon: 'privacy/epsilon',
  /** That of the noise. */
  delta: 'privacy/delta',
  /** What a transform logs. */
  transform: (key: string) => `transform/${key}`,
  /** What the strategy logs. */
  strategy: (key: string) => `strategy/${key}`,
} as const;

/** Per-example results of a classifier; all three have the same length. */
export interface Predictions {
  /** True class of each example, in `[0, classes)`. */
  readonly labels: ArrayLike<number>;
  /** Predicted class of each example, in `[0, classes)`. */
  readonly predictions: ArrayLike<number>;
  /** Loss of each example. */
  readonly losses: ArrayLike<number>;
  readonly classes: number;
}

export interface ClassificationMetrics {
  /** Share of examples predicted right; NaN without examples. */
  readonly accuracy: number;
  /** Mean loss, summed in float64 in the order of the examples; NaN without examples. */
  readonly loss: number;
  /** Share of each class's examples predicted right; undefined for a class without examples. */
  readonly perClassAccuracy: readonly (number | undefined)[];
  /** Number of examples, `[classes][classes]`; rows: true class; columns: predicted. */
  readonly confusion: readonly (readonly number[])[];
}

/** Scores predictions. Throws FEDX_INTERNAL where lengths differ or a class is out of range. */
export function classificationMetrics({ labels, predictions, losses, classes }: Predictions): ClassificationMetrics {
  const examples = labels.length;
  if (predictions.length !== examples || losses.length !== examples) {
    throw new FedxError(
      'FEDX_INTERNAL',
      `${examples} labels, ${predictions.length} predictions and ${losses.length} losses do not match.`,
    );
  }
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let lossSum = 0;
  for (let i = 0; i < examples; i++) {
    const label = labels[i] ?? -1;
    const prediction = predictions[i] ?? -1;
    const row = confusion[label];
    const before = row?.[prediction];
    if (row === undefined || before === undefined) {
      throw new FedxError(
        'FEDX_INTERNAL',
        `Example ${i} has label ${label} and prediction ${prediction} of ${classes} classes.`,
      );
    }
    row[prediction] = before + 1;
    lossSum += losses[i] ?? 0;
  }
  const right = confusion.map((row, label) => row[label] ?? 0);
  return {
    accuracy: sum(right) / examples,
    loss: lossSum / examples,
    perClassAccuracy: confusion.map((row, label) => {
      const count = sum(row);
      return count === 0 ? undefined : (right[label] ?? 0) / count;
    }),
    confusion,
  };
}

/** How one client fares on its own test examples. */
export interface ClientAccuracy {
  readonly client: number;
  readonly accuracy: number;
  /** How many test examples it has. */
  readonly examples: number;
}

/** Accuracy over clients, each client counting alike. The three figures are absent where no client counts. */
export interface OwnTestSummary {
  readonly mean?: number;
  /** 10th percentile, interpolated between order statistics. */
  readonly p10?: number;
  readonly min?: number;
  /** Clients with at least the minimum of test examples. */
  readonly counted: number;
  /** Clients with fewer. */
  readonly leftOut: number;
}

/** Summary over the clients that have at least `minimumExamples` test examples, and at least one. */
export function ownTestSummary(accuracies: readonly ClientAccuracy[], minimumExamples: number): OwnTestSummary {
  const values = accuracies
    .filter(({ examples }) => examples >= Math.max(1, minimumExamples))
    .map(({ accuracy }) => accuracy);
  const counts = { counted: values.length, leftOut: accuracies.length - values.length };
  return { ...figuresOver(values, 'higher'), ...counts };
}

/**
 * The mean of values, and how the worst of them are: `p10` and `min`, or `p90` and `max` of what is the better the lower it
 * is. Empty without values.
 */
export function figuresOver(values: readonly number[], better: 'higher' | 'lower'): Metrics {
  if (values.length === 0) return {};
  const sorted = values.toSorted((a, b) => a - b);
  const mean = sum(sorted) / sorted.length;
  return better === 'higher'
    ? { mean, p10: quantile(sorted, 0.1), min: quantile(sorted, 0) }
    : { mean, p90: quantile(sorted, 0.9), max: quantile(sorted, 1) };
}

/** Metrics of the deployed model on a global set: `test/accuracy`, `test/loss`, `test/accuracy/class-3` … */
export function globalMetrics(set: 'test' | 'validation', scores: ClassificationMetrics): Metrics {
  const perClass = scores.perClassAccuracy.map(
    (accuracy, label) => [`${set}/accuracy/class-${label}`, accuracy] as const,
  );
  return present([[`${set}/accuracy`, scores.accuracy], [`${set}/loss`, scores.loss], ...perClass]);
}

/** Sets of which there are figures over clients. */
export type ClientSet = 'clients/own-test' | 'personal/own-test' | 'personal/test';

/**
 * Metrics over clients: `clients/own-test` = the deployed model on each client's own test examples; `personal/own-test`
 * and `personal/test` = each client's own model on its own test examples and on the global test set.
 */
export function clientMetrics(prefix: ClientSet, summary: OwnTestSummary): Metrics {
  return present([
    [`${prefix}/accuracy/mean`, summary.mean],
    [`${prefix}/accuracy/p10`, summary.p10],
    [`${prefix}/accuracy/min`, summary.min],
    [`${prefix}/counted`, summary.counted],
    [`${prefix}/left-out`, summary.leftOut],
  ]);
}

function present(entries: readonly (readonly [string, number | undefined])[]): Metrics {
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
}

/** Linear interpolation between order statistics, definition 7 of Hyndman and Fan 1996 (numpy's default). */
function quantile(sorted: readonly number[], probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
