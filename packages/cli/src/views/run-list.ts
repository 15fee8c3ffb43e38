import { overridesText, type RunGlance, type RunList } from '@fedx/core/host';
import { formatCount, formatDuration, formatMetric } from './figures.js';
import type { Paint, TextStyle } from './paint.js';
import { headlineAccuracy } from './progress.js';
import { shortOverridesText } from './short-paths.js';
import { type Column, renderTableWithin } from './table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'run', align: 'left' },
  { heading: 'status', align: 'left' },
  { heading: 'accuracy', align: 'right' },
  { heading: 'time', align: 'right', rank: 2 },
  { heading: 'seed', align: 'right', rank: 3 },
  { heading: 'arms', align: 'left', rank: 1, least: 12 },
  { heading: 'changed', align: 'left', rank: 4, least: 16 },
];

const styles: Readonly<Record<RunGlance['status'], TextStyle>> = {
  completed: 'green',
  failed: 'red',
  interrupted: 'yellow',
  running: 'cyan',
  unfinished: 'yellow',
};

/** Runs, one a line of at most `width`; the accuracy is the last that the first arm reported. */
export async function renderRunList({ runs, total }: RunList, paint: Paint, width: number): Promise<string> {
  if (total === 0) return 'No runs.';
  const rows = (changed: (overrides: RunGlance['overrides']) => string) =>
    runs.map((run) => [...renderRow(run, paint), changed(run.overrides)]);
  const short = shortOverridesText(runs.map(({ overrides }) => overrides));
  const table = await renderTableWithin(width, COLUMNS, [rows(overridesText), rows(short)]);
  const hidden = total - runs.length;
  return hidden === 0 ? table : `${table}\n… and ${formatCount(hidden)} more; --limit shows them`;
}

/** All cells but the last. */
function renderRow(run: RunGlance, paint: Paint): string[] {
  const latest = run.latest[run.arms[0] ?? ''];
  return [
    run.id,
    paint(styles[run.status], run.status),
    formatMetric(latest && headlineAccuracy(latest.metrics)),
    formatDuration(run.seconds),
    run.seed === undefined ? '–' : String(run.seed),
    run.arms.join(' '),
  ];
}
