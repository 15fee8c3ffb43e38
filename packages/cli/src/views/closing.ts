import { relative } from 'node:path';
import type { ArmSummary, ExpectationResult, RunReport, TrackingSummary } from '@fedx/core/host';
import { renderOutcome } from './expectation.js';
import { formatMetric, formatShare } from './figures.js';
import type { Paint } from './paint.js';
import { headlineAccuracy } from './progress.js';
import { type Column, renderTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'arm', align: 'left' },
  { heading: 'accuracy', align: 'right' },
  { heading: 'best', align: 'right' },
  { heading: 'at step', align: 'right' },
  { heading: 'of centralized', align: 'right' },
  { heading: 'seconds', align: 'right' },
  { heading: 'folder', align: 'left' },
];

/** How a run ended: a table of its arms, then what the spec expected. */
export async function renderClosing(
  { expectations, runs, tracking }: Pick<RunReport, 'runs' | 'expectations' | 'tracking'>,
  paint: Paint,
): Promise<string> {
  const table = await renderTable(
    COLUMNS,
    runs.map((arm) => renderArm(arm, runs)),
  );
  const checks = expectations.map((expectation) => renderExpectation(expectation, paint));
  const tracked = tracking === undefined ? [] : ['', renderTracking(tracking, runs[0]?.id ?? '', paint)];
  return ['', table, ...(checks.length === 0 ? [] : ['', ...checks]), ...tracked].join('\n');
}

/** Where a run, or the runs of an invocation, are on the MLflow server; where it is not all there, what finishes it. */
export function renderTracking(
  { complete, problem = '', server, url = server }: TrackingSummary,
  run: string,
  paint: Paint,
): string {
  if (complete) return `MLflow: ${url}`;
  return `${paint('yellow', 'MLflow is not complete.')} ${problem}\nThe run itself is whole; this sends the rest: fedx sync ${run}`;
}

function renderArm(arm: ArmSummary, runs: readonly ArmSummary[]): string[] {
  const accuracy = headlineAccuracy(arm.metrics);
  const centralized = runs.find(({ id, use }) => id === arm.id && use === 'centralized');
  const reference = centralized && headlineAccuracy(centralized.metrics);
  return [
    arm.status === 'completed' ? arm.arm : `${arm.arm} (${arm.status})`,
    formatMetric(accuracy?.last),
    formatMetric(accuracy?.best),
    accuracy === undefined ? '–' : String(accuracy.bestStep),
    accuracy && reference ? formatShare(accuracy.last / reference.last) : '–',
    arm.durationSeconds.toFixed(1),
    relative('', arm.directory),
  ];
}

/** One expectation with what came of it, e.g. `pass    federated test/accuracy 0.8550 within 0.84 … 0.87`. */
export function renderExpectation(expectation: ExpectationResult, paint: Paint): string {
  const mark = expectation.pass ? paint('green', 'pass  ') : paint('red', 'missed');
  return `${mark}  ${renderOutcome(expectation)}`;
}
