/** What the records say of a cell and strategy, and of the reference beside it. Accuracies are in %. */
import { type SampleSummary, summarisePairedDifferences, summariseSample } from '@fedx/core/host';
import { type Cell, nameOf } from './design.js';
import type { Control, Limit, Outcome, StudyRecord } from './records.js';

/** Test accuracy that rounds are counted to, in %. */
export const target = 85;
/** Rounds between two evaluations of a test run, and its last round. */
const every = 5;
export const lastRound = 100;

export interface Measured {
  readonly accuracy: SampleSummary;
  /** Accuracy over that of the centralized model of the same seed, in %. */
  readonly ofCentralized: SampleSummary;
  readonly worst: SampleSummary;
  /** Rounds to {@link target} by seed, ascending; Infinity where it was not reached in {@link lastRound}. */
  readonly rounds: readonly number[];
  /** Mean accuracy at each evaluation. */
  readonly curve: readonly number[];
  /** Accuracy less that of fedavg, paired by seed; absent for fedavg. */
  readonly lessFedavg?: ReturnType<typeof summarisePairedDifferences>;
}

/** A strategy's test runs in a cell; undefined where there are none, or one of them diverged. */
export function measuredOf(records: readonly StudyRecord[], cell: Cell, use: string): Measured | undefined {
  const runs = outcomesOf(records, nameOf(cell), use);
  const references = runs.map(({ seed }) => centralizedOf(records).find((reference) => reference.seed === seed));
  if (runs.length === 0) return undefined;
  const accuracies = runs.map(percentOf);
  const plain = use === 'fedavg' ? [] : outcomesOf(records, nameOf(cell), 'fedavg');
  const pairs = runs.flatMap((run) => {
    const other = plain.find(({ seed }) => seed === run.seed);
    return other === undefined ? [] : [[percentOf(run), percentOf(other)] as const];
  });
  return {
    accuracy: summariseSample(accuracies),
    ofCentralized: summariseSample(
      accuracies.map(
        (accuracy, i) => (100 * accuracy) / (references[i] === undefined ? Number.NaN : percentOf(references[i])),
      ),
    ),
    worst: summariseSample(runs.map(({ worst = Number.NaN }) => 100 * worst)),
    rounds: runs.map(({ curve = [] }) => roundsTo(curve)).toSorted((a, b) => a - b),
    curve: meanCurve(runs.map(({ curve = [] }) => curve)),
    ...(pairs.length > 0 && {
      lessFedavg: summarisePairedDifferences(
        pairs.map(([own]) => own),
        pairs.map(([, other]) => other),
      ),
    }),
  };
}

/** The centralized model's test runs. */
export function centralizedOf(records: readonly StudyRecord[]): readonly Outcome[] {
  return outcomesOf(records, 'centralized', 'fedavg');
}

/** A control's accuracies in a cell; undefined where there are none. */
export function controlOf(records: readonly StudyRecord[], cell: Cell, arm: string): SampleSummary | undefined {
  const values = records
    .filter(
      (record): record is Control => record.type === 'control' && record.cell === nameOf(cell) && record.arm === arm,
    )
    .map(({ accuracy }) => 100 * accuracy);
  return values.length === 0 ? undefined : summariseSample(values);
}

/** The curves of a limit, by arm and seed. */
export function limitsOf(records: readonly StudyRecord[], name: string): readonly Limit[] {
  return records.filter((record): record is Limit => record.type === 'limit' && record.cell === name);
}

/** The entry of a limit's curve at a round. Evaluations are at each multiple of `every`. */
export function atRound({ curve, every: step }: Limit, round: number): number {
  return 100 * (curve[round / step - 1] ?? Number.NaN);
}

/** Mean over curves of one length, in %. */
export function meanCurve(curves: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = curves;
  return first.map((_, i) => summariseSample(curves.map((curve) => 100 * (curve[i] ?? Number.NaN))).mean);
}

/** Test runs with an accuracy, by seed; none where one diverged, as a mean without it would flatter. */
function outcomesOf(records: readonly StudyRecord[], cell: string, use: string): readonly Outcome[] {
  const runs = records
    .filter(
      (record): record is Outcome => record.type === 'test' && record.cell === cell && record.strategy.use === use,
    )
    .toSorted((a, b) => a.seed - b.seed);
  return runs.every(({ accuracy }) => accuracy !== undefined) ? runs : [];
}

function percentOf({ accuracy = Number.NaN }: Outcome): number {
  return 100 * accuracy;
}

/** The first evaluated round whose accuracy is at least the target. */
function roundsTo(curve: readonly number[]): number {
  const first = curve.findIndex((accuracy) => 100 * accuracy >= target);
  return first < 0 ? Number.POSITIVE_INFINITY : (first + 1) * every;
}
