/** What runs of several seeds say together of what their spec expects. */
import { isDeepStrictEqual } from 'node:util';
import type { ArmSummary, ExpectationResult } from '../runs/index.js';
import type { ExpectSpec } from '../spec/index.js';
import { summariseMedian } from './median.js';
import { sweptPaths } from './swept-paths.js';

/** An expectation over the seeds of one configuration. */
export interface Verdict extends ExpectSpec {
  /** In what the sweep's configurations differ, the seed aside. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Runs that have the figure, those that did not reach the target included. */
  readonly seeds: number;
  /** Runs that did not reach the target: their figures are larger than all others, and not known. */
  readonly censored: number;
  /** Runs without the figure. */
  readonly missing: number;
  /** Absent where no run has the figure, and where half of the runs or more did not reach the target. */
  readonly median?: number;
  /** Of the median; `null` is an end that is not known. Absent for a single run. */
  readonly interval?: readonly [low: number | null, high: number | null];
  /** How often such an interval holds the median. */
  readonly confidence?: number;
  /** Whether no run lacks the figure and the median is within bounds. */
  readonly pass: boolean;
}

/** The results of runs that completed. */
interface Results {
  readonly runs: readonly ArmSummary[];
  readonly expectations: readonly ExpectationResult[];
}

interface Group {
  readonly expectation: ExpectSpec;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly results: ExpectationResult[];
}

/** A verdict on each expectation of each configuration, in the order of the runs. */
export function judge({ runs, expectations }: Results): readonly Verdict[] {
  const groups: Group[] = [];
  const swept = new Set(sweptPaths(runs));
  for (const result of expectations) {
    const { run, value: _, notReachedIn: __, pass: ___, ...expectation } = result;
    const own = Object.entries(runs.find(({ id }) => id === run)?.overrides ?? {});
    const overrides = Object.fromEntries(own.filter(([path]) => swept.has(path)));
    const group = groups.find((each) =>
      isDeepStrictEqual([each.expectation, each.overrides], [expectation, overrides]),
    );
    if (group === undefined) groups.push({ expectation, overrides, results: [result] });
    else group.results.push(result);
  }
  return groups.map(verdictOf);
}

function verdictOf({ expectation, overrides, results }: Group): Verdict {
  const values = results.flatMap(({ value, notReachedIn }) =>
    notReachedIn === undefined ? (value ?? []) : Number.POSITIVE_INFINITY,
  );
  const counts = {
    seeds: values.length,
    censored: results.filter(({ notReachedIn }) => notReachedIn !== undefined).length,
    missing: results.length - values.length,
  };
  if (values.length === 0) return { ...expectation, overrides, ...counts, pass: false };
  const { median, interval, confidence } = summariseMedian(values);
  const [low, high] = expectation.within;
  const known = (value: number): number | null => (value === Number.POSITIVE_INFINITY ? null : value);
  return {
    ...expectation,
    overrides,
    ...counts,
    ...(median !== Number.POSITIVE_INFINITY && { median }),
    ...(interval !== undefined && { interval: [known(interval[0]), known(interval[1])] }),
    ...(confidence !== undefined && { confidence }),
    pass: counts.missing === 0 && low <= median && median <= high,
  };
}
