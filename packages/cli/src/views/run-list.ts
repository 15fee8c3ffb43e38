import { overridesText, type RunGlance, type RunList } from '@fedx/core/host';
import { formatCount, formatDuration, formatMetric } from './figures.js';
import type { Paint, TextStyle } from './paint.js';
import { headlineAccuracy } from './progress.js';
import { type Column, renderTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'run', align: 'left' },
  { heading: 'status', align: 'left' },
  { heading: 'accuracy', align: 'right' },
  { heading: 'time', align: 'right' },
  { heading: 'seed', align: 'right' },
  { heading: 'arms', align: 'left' },
  { heading: 'changed', align: 'left' },
];

const styles: Readonly<Record<RunGlance['status'], TextStyle>> = {
  completed: 'green',
  failed: 'red',
  interrupted: 'yellow',
  running: 'cyan',
  unfinished: 'yellow',
};

/** Runs, one a line; the accuracy is the last that the first arm reported. */
export async function renderRunList({ runs, total }: RunList, paint: Paint): Promise<string> {
  if (total === 0) return 'No runs.';
  const table = await renderTable(
    COLUMNS,
    runs.map((run) => renderRow(run, paint)),
  );
  const hidden = total - runs.length;
  return hidden === 0 ? table : `${table}\n… and ${formatCount(hidden)} more; --limit shows them`;
}

function renderRow(run: RunGlance, paint: Paint): string[] {
  const latest = run.latest[run.arms[0] ?? ''];
  return [
    run.id,
    paint(styles[run.status], run.status),
    formatMetric(latest && headlineAccuracy(latest.metrics)),
    formatDuration(run.seconds),
    run.seed === undefined ? '–' : String(run.seed),
    run.arms.join(' '),
    overridesText(run.overrides),
  ];
}
