import { type ArmSummary, overridesText, type RunRecord } from '@fedx/core/host';
import { renderClosing } from './closing.js';
import { formatCount, formatDuration, formatMetric } from './figures.js';
import type { Paint } from './paint.js';
import { renderFilePlace } from './place.js';
import { renderWarning } from './progress-lines.js';
import { type Column, renderTable } from './table.js';

/** All that matters of one run: what it was, what came of its arms, and what went wrong. */
export async function renderRun({ run, arms, entries, environment, damage }: RunRecord, paint: Paint): Promise<string> {
  const started = entries.find((entry) => entry.type === 'run-started');
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['status', run.status],
    ['started', new Date(run.started).toISOString()],
    ['took', formatDuration(run.seconds)],
    ['seed', run.seed?.toString()],
    ['changed', overridesText(run.overrides) || undefined],
    ['invocation', run.invocation],
    ['engine', started && `${started.engine}, ${started.workers} workers`],
    ['fedx', environment?.fedx],
    ['commit', environment?.commit],
    ['spec hash', environment?.specHash],
  ];
  const known = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(11)} ${value}`]));
  const notes = entries.flatMap((entry) => {
    if (entry.type === 'warning') return [renderWarning(entry, paint)];
    return entry.type === 'run-failed'
      ? [`${paint('red', entry.code)}: ${entry.message}${renderFilePlace(entry.place)}`]
      : [];
  });
  return [
    paint('bold', run.id),
    ...known,
    ...(arms.length === 0
      ? []
      : [await renderClosing({ runs: arms, expectations: [] }, paint), '', await renderMetrics(arms)]),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...(damage === undefined ? [] : ['', damage]),
  ].join('\n');
}

/** The last value of every metric, a column an arm. */
async function renderMetrics(arms: readonly ArmSummary[]): Promise<string> {
  const keys = [...new Set(arms.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns: readonly Column[] = [
    { heading: 'metric, last value', align: 'left' },
    ...arms.map(({ arm }): Column => ({ heading: arm, align: 'right' })),
  ];
  const rows = keys
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((key) => [key, ...arms.map(({ metrics }) => formatValue(metrics[key]?.last))]);
  return renderTable(columns, rows);
}

/** Counts as such, and four decimals of all else. */
function formatValue(value: number | undefined): string {
  return value !== undefined && Number.isInteger(value) && Math.abs(value) > 1
    ? formatCount(value)
    : formatMetric(value);
}
