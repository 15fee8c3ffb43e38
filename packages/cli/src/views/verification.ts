import { overridesText, type Verdict } from '@fedx/core/host';
import type { Verification, VerifiedSpec } from '../verify-specs.js';
import { formatFigure, renderFigureName } from './expectation.js';
import { formatEstimate, formatShare } from './figures.js';
import type { Paint } from './paint.js';
import { type Column, renderTable } from './table.js';

const left = (heading: string): Column => ({ heading, align: 'left' });
const right = (heading: string): Column => ({ heading, align: 'right' });

/** What came of every expectation, where the published figures stand, and what was left out, with the time that it wants. */
export async function renderVerification({ specs, budget }: Verification, paint: Paint): Promise<string> {
  const rows = specs.flatMap((spec) => spec.verdicts.map((verdict) => renderRow(spec, verdict, paint)));
  const columns = [
    ...['spec', 'figure'].map(left),
    ...['published', 'ours', 'interval', 'seeds', 'passes'].map(right),
    left(''),
  ];
  const notes = [...renderIntervals(specs), ...renderSources(specs)];
  const others = specs.flatMap((spec) => renderOther(spec, budget, paint));
  return [
    ...(rows.length === 0 ? [] : ['', await renderTable(columns, rows)]),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...(others.length === 0 ? [] : ['', ...others]),
  ].join('\n');
}

/** What was missed and what failed, a line each. */
export function renderMissedVerdicts({ specs, budget }: Verification, paint: Paint): readonly string[] {
  return specs.flatMap((spec) => [
    ...spec.verdicts
      .filter(({ pass }) => !pass)
      .map((verdict) => `${paint('red', 'missed')}  ${spec.file}  ${renderFigureName(verdict)} ${renderOurs(verdict)}`),
    ...(spec.status === 'failed' ? renderOther(spec, budget, paint) : []),
  ]);
}

function renderRow(spec: VerifiedSpec, verdict: Verdict, paint: Paint): string[] {
  const { overrides, published, seeds, censored, missing, within, pass } = verdict;
  const counts = [
    ...(censored > 0 ? [`${censored} not reached`] : []),
    ...(missing > 0 ? [`${missing} without it`] : []),
  ];
  return [
    [spec.name, overridesText(overrides)].filter(Boolean).join('  '),
    renderFigureName(verdict),
    published === undefined ? '–' : String(published),
    renderOurs(verdict),
    renderInterval(verdict),
    `${seeds + missing}${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`,
    within.join(' … '),
    pass ? paint('green', 'pass') : paint('red', 'missed'),
  ];
}

/** The median; of runs that mostly did not reach the target, that it is more than what any reached. */
function renderOurs({ median, censored, at }: Verdict): string {
  return median === undefined && censored > 0 ? 'not reached' : formatFigure(median, at);
}

function renderInterval({ interval, at }: Verdict): string {
  return interval === undefined
    ? '–'
    : interval.map((end) => (end === null ? 'not reached' : formatFigure(end, at))).join(' … ');
}

/** How sure the intervals are, which hangs on the number of seeds. */
function renderIntervals(specs: readonly VerifiedSpec[]): string[] {
  const all = specs.flatMap(({ verdicts }) => verdicts);
  const confidences = new Map(
    all.flatMap(({ seeds, confidence }) => (confidence === undefined ? [] : [[seeds, confidence]])),
  );
  if (confidences.size === 0) return [];
  const text = [...confidences]
    .toSorted(([a], [b]) => a - b)
    .map(([seeds, confidence]) => `${formatShare(confidence)} with ${seeds} seeds`);
  return [`ours is the median over seeds; its interval holds with ${text.join(', ')}`];
}

/** Each source once, with the specs whose figures it has. */
function renderSources(specs: readonly VerifiedSpec[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const { name, verdicts } of specs) {
    for (const { source } of verdicts)
      if (source !== undefined) names.set(source, (names.get(source) ?? new Set()).add(name));
  }
  return [...names].map(([source, own]) => `published  ${[...own].join(', ')}: ${source}`);
}

/** What there is to say of a spec beside its verdicts. */
function renderOther(spec: VerifiedSpec, budget: number | undefined, paint: Paint): string[] {
  const { file, status, estimate = 0, failures, points, before } = spec;
  const missing = points - before;
  switch (status) {
    case 'left-out':
      return [
        `${paint('yellow', 'left out')}  ${file}  ${missing} of ${points} runs want up to ${formatEstimate(estimate)}, more than is left of ${formatEstimate(budget ?? 0)}`,
      ];
    case 'expects-nothing':
      return [`${paint('yellow', 'left out')}  ${file}  it expects nothing`];
    case 'failed':
      return failures.map((failure) => {
        const where = 'overrides' in failure ? overridesText(failure.overrides) : '';
        return [paint('red', 'failed'), file, where, `${failure.code}: ${failure.message}`].filter(Boolean).join('  ');
      });
    case 'verified':
      return [];
  }
}
