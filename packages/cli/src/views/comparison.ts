import { type ComparedArm, type ComparedDifference, type FolderComparison, overridesText } from '@fedx/core/host';
import { formatMetric } from './figures.js';
import type { Paint } from './paint.js';
import { type Column, renderTable } from './table.js';

const left = (heading: string): Column => ({ heading, align: 'left' });
const right = (heading: string): Column => ({ heading, align: 'right' });

/** Configurations over their seeds, then what each is above or below the baseline, then what was left out. */
export async function renderComparison(comparison: FolderComparison, paint: Paint): Promise<string> {
  const { metric, at, arms, differences } = comparison;
  const sections = [
    `${paint('bold', `${metric} at ${typeof at === 'number' ? `step ${at}` : at}`)}\n${await renderArms(arms)}`,
    ...(differences.length === 0 ? [] : [await renderDifferences(differences, paint)]),
    ...renderLeftOut(comparison),
  ];
  return sections.join('\n\n');
}

function renderArms(arms: readonly ComparedArm[]): Promise<string> {
  return renderTable(
    [...['arm', 'configuration'].map(left), ...['seeds', 'mean', 'std', '95 % interval'].map(right)],
    arms.map(({ arm, configuration, count, mean, standardDeviation, interval }) => [
      arm,
      overridesText(configuration) || '–',
      String(count),
      formatMetric(mean),
      formatMetric(standardDeviation),
      renderInterval(interval),
    ]),
  );
}

async function renderDifferences(differences: readonly ComparedDifference[], paint: Paint): Promise<string> {
  const table = await renderTable(
    [...['arm', 'configuration', 'less'].map(left), ...['pairs', 'difference', '95 % interval', 'p'].map(right)],
    differences.map(({ arm, configuration, baseline, seeds, unpaired, mean, interval, pValue }) => [
      arm,
      overridesText(configuration) || '–',
      nameBaseline(baseline, arm),
      unpaired.length === 0 ? String(seeds.length) : `${seeds.length} (${unpaired.length} on other splits)`,
      formatDifference(mean),
      renderInterval(interval, formatDifference),
      renderP(pValue),
    ]),
  );
  return `${paint('bold', 'Differences')}, paired by seed on the same split\n${table}`;
}

/** What is subtracted: another arm by its name, the same arm by its configuration. */
function nameBaseline({ arm, configuration }: ComparedDifference['baseline'], own: string): string {
  return arm === own ? overridesText(configuration) : arm;
}

function formatDifference(value: number | undefined): string {
  if (value === undefined) return '–';
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

function renderInterval(
  interval: readonly [number, number] | undefined,
  format: (value: number) => string = formatMetric,
): string {
  return interval === undefined ? '–' : interval.map(format).join(' … ');
}

function renderP(value: number | undefined): string {
  if (value === undefined) return '–';
  return value < 0.0001 ? '< 0.0001' : value.toFixed(4);
}

/** How many are left out for each reason. */
function renderLeftOut({ leftOut }: FolderComparison): string[] {
  const counts = new Map<string, number>();
  for (const { arm, reason } of leftOut) {
    const what = arm === undefined ? `run: ${reason}` : `${arm}: ${reason}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const lines = [...counts].map(([what, count]) => `left out  ${what}${count === 1 ? '' : ` (${count} times)`}`);
  return lines.length === 0 ? [] : [lines.join('\n')];
}
