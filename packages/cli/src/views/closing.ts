import { relative } from 'node:path';
import type { ArmSummary, ExpectationResult, RunReport, SinkFailure, TrackingSummary } from '@fedx/core/host';
import { renderOutcome } from './expectation.js';
import { formatMetric, formatShare } from './figures.js';
import type { Paint } from './paint.js';
import { renderFilePlace } from './place.js';
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
  {
    expectations,
    runs,
    sinkFailures = [],
    tracking,
  }: Pick<RunReport, 'runs' | 'expectations' | 'sinkFailures' | 'tracking'>,
  paint: Paint,
): Promise<string> {
  const table = await renderTable(
    COLUMNS,
    runs.map((arm) => renderArm(arm, runs)),
  );
  const chosen = await renderChosenMetrics(runs);
  const privacy = runs.flatMap(renderPrivacy);
  const checks = expectations.map((expectation) => renderExpectation(expectation, paint));
  const tracked = tracking === undefined ? [] : ['', renderTracking(tracking, runs[0]?.id ?? '', paint)];
  const sinks = sinkFailures.length === 0 ? [] : ['', ...sinkFailures.map((each) => renderSinkFailure(each, paint))];
  const below = [privacy, checks].flatMap((lines) => (lines.length === 0 ? [] : ['', ...lines]));
  return ['', table, ...chosen, ...below, ...tracked, ...sinks].join('\n');
}

/** The last values of what the spec measures beside accuracy and loss, arm by arm; nothing where it measures no more. */
async function renderChosenMetrics(runs: readonly ArmSummary[]): Promise<string[]> {
  const names = new Set(
    runs.flatMap(({ metrics }) =>
      Object.keys(metrics).flatMap((key) => /^test\/(?!accuracy$|accuracy\/|loss$)(.+)$/.exec(key)?.[1] ?? []),
    ),
  );
  if (names.size === 0) return [];
  const columns: readonly Column[] = [
    { heading: 'arm', align: 'left' },
    ...Array.from(names, (heading): Column => ({ heading, align: 'right' })),
  ];
  // Where each client has a model of its own, the mean over them.
  const rows = runs.map(({ arm, metrics }) => [
    arm,
    ...Array.from(names, (name) =>
      formatMetric((metrics[`test/${name}`] ?? metrics[`personal/test/${name}/mean`])?.last),
    ),
  ]);
  return ['', await renderTable(columns, rows)];
}

/** What an arm gave away of each client in all its rounds; nothing where no transform adds noise. */
function renderPrivacy({ arm, metrics }: ArmSummary): string[] {
  const [epsilon, delta] = [metrics['privacy/epsilon'], metrics['privacy/delta']];
  if (epsilon === undefined || delta === undefined) return [];
  return [`${arm} privacy: epsilon ${formatMetric(epsilon.last)} for delta ${delta.last}`];
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

/** A sink that was not given everything, e.g. `warning: The sink post failed to take events: 500. The run itself is whole.` */
export function renderSinkFailure({ place, problem, runs }: SinkFailure, paint: Paint): string {
  const whole = runs === 1 ? 'The run itself is whole.' : `So it is with ${runs} runs; the runs themselves are whole.`;
  return `${paint('yellow', 'warning:')} ${problem.replace(/\.$/, '')}${renderFilePlace(place)}. ${whole}`;
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
