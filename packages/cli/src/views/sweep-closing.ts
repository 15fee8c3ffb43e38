import {
  type ArmSummary,
  type ExpectationResult,
  overridesText,
  type PointFailure,
  type RunReport,
  summariseSample,
  sweptPaths,
} from '@fedx/core/host';
import { renderSinkFailure, renderTracking } from './closing.js';
import { renderOutcome } from './expectation.js';
import { formatMetric } from './figures.js';
import type { Paint } from './paint.js';
import { renderFilePlace } from './place.js';
import { headlineAccuracy } from './progress.js';
import { type Column, renderTable } from './table.js';

const right = (heading: string): Column => ({ heading, align: 'right' });
const left = (heading: string): Column => ({ heading, align: 'left' });

/** How a sweep ended: a row for each combination of its values and arm, with the mean over seeds; then what failed or was missed. */
export async function renderSweepClosing(report: RunReport, paint: Paint): Promise<string> {
  const { runs, invocation } = report;
  const axes = sweptPaths(runs);
  const rows = groupBy(runs, ({ overrides, arm }) => JSON.stringify([axes.map((path) => overrides[path]), arm]));
  const withEpsilon = runs.some(isPrivate);
  const figures = ['accuracy', '± 95 %', ...(withEpsilon ? ['epsilon'] : []), 'runs', 'seconds'];
  const table = await renderTable(
    [...axes.map(left), ...['arm'].map(left), ...figures.map(right)],
    rows.map((group) => renderRow(group, axes, withEpsilon)),
  );
  const notes = [
    ...renderExpectations(report, paint),
    ...report.failures.map((each) => renderPointFailure(each, paint)),
    ...(report.tracking === undefined ? [] : [renderTracking(report.tracking, 'RUN, for each run', paint)]),
    ...(report.sinkFailures ?? []).map((each) => renderSinkFailure(each, paint)),
  ];
  return ['', table, ...(notes.length === 0 ? [] : ['', ...notes]), '', `fedx compare ${invocation}`].join('\n');
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Whether a run says what it gave away. */
const isPrivate = ({ metrics }: ArmSummary): boolean => metrics['privacy/epsilon'] !== undefined;

/** Completed runs alone count, and of what they gave away the most; how many there are of how many is said where some are missing. */
function renderRow(group: readonly ArmSummary[], axes: readonly string[], withEpsilon: boolean): string[] {
  const completed = group.filter(({ status }) => status === 'completed');
  const values = completed.flatMap(({ metrics }) => headlineAccuracy(metrics)?.last ?? []);
  const sample = values.length === 0 ? undefined : summariseSample(values);
  const epsilons = completed.flatMap(({ metrics }) => metrics['privacy/epsilon']?.last ?? []);
  const seconds = completed.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  return [
    ...axes.map((path) => renderValue(group[0]?.overrides[path])),
    group[0]?.arm ?? '',
    formatMetric(sample?.mean),
    formatMetric(sample?.interval && sample.interval[1] - sample.mean),
    ...(withEpsilon ? [formatMetric(epsilons.length === 0 ? undefined : Math.max(...epsilons))] : []),
    completed.length === group.length ? String(group.length) : `${completed.length} of ${group.length}`,
    completed.length === 0 ? '–' : (seconds / completed.length).toFixed(1),
  ];
}

function renderValue(value: unknown): string {
  return value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Those that were missed one by one, the others as a count. */
function renderExpectations({ expectations, runs }: RunReport, paint: Paint): string[] {
  if (expectations.length === 0) return [];
  const missed = expectations.filter(({ pass }) => !pass);
  const met = `${paint('green', 'pass  ')}  ${expectations.length - missed.length} of ${expectations.length} expectations`;
  return [met, ...missed.map((each) => renderMissed(each, runs, paint))];
}

function renderMissed(expectation: ExpectationResult, runs: readonly ArmSummary[], paint: Paint): string {
  const overrides = runs.find(({ id }) => id === expectation.run)?.overrides ?? {};
  return `${paint('red', 'missed')}  ${renderOutcome(expectation)}  ${overridesText(overrides)}`;
}

/** A point that failed, e.g. `failed  strategy.mu=9 seed=2  FEDX_RUN_DIVERGED: Training diverged …`. */
export function renderPointFailure({ overrides, code, message, place }: PointFailure, paint: Paint): string {
  return `${paint('red', 'failed')}  ${overridesText(overrides)}  ${code}: ${message}${renderFilePlace(place)}`;
}
