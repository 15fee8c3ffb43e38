import { isDeepStrictEqual } from 'node:util';
import {
  type ComparedArm,
  type ComparedDifference,
  type FolderComparison,
  overridesText,
  resumeHint,
} from '@fedx/core/host';
import { formatMetric } from './figures.js';
import type { Paint } from './paint.js';
import { shortOverridesText } from './short-paths.js';
import { type Column, renderTableWithin } from './table.js';

type Overrides = Readonly<Record<string, unknown>>;
type Name = (configuration: Overrides) => string;

const left = (heading: string): Column => ({ heading, align: 'left' });
const right = (heading: string): Column => ({ heading, align: 'right' });
const ARM: Column = { ...left('arm'), least: 9 };
const CONFIGURATION: Column = { ...left('configuration'), least: 24 };
const INTERVAL: Column = { ...right('95 % interval'), rank: 2 };

/**
 * Configurations over their seeds, then what each is above or below the baseline, then what was left out. Rows are at most
 * `width` wide.
 */
export async function renderComparison(comparison: FolderComparison, paint: Paint, width: number): Promise<string> {
  const { metric, at, arms, differences } = comparison;
  const short = shortOverridesText(arms.map(({ configuration }) => configuration));
  const names: readonly Name[] = [overridesText, short].map((text) => (configuration) => text(configuration) || '–');
  const heading = paint('bold', `${metric} at ${typeof at === 'number' ? `step ${at}` : at}`);
  const sections = [
    `${heading}\n${await renderArms(arms, names, width)}`,
    ...(differences.length === 0 ? [] : [await renderDifferences(differences, names, paint, width)]),
    ...renderNotes(comparison),
  ];
  return sections.join('\n\n');
}

function renderArms(arms: readonly ComparedArm[], names: readonly Name[], width: number): Promise<string> {
  return renderTableWithin(
    width,
    [ARM, CONFIGURATION, right('seeds'), right('mean'), { ...right('std'), rank: 1 }, INTERVAL],
    names.map((name) =>
      arms.map(({ arm, configuration, count, mean, standardDeviation, interval }) => [
        arm,
        name(configuration),
        String(count),
        formatMetric(mean),
        formatMetric(standardDeviation),
        renderInterval(interval),
      ]),
    ),
  );
}

/** Where all are held against the same, the heading says against what, and else a column. */
async function renderDifferences(
  differences: readonly ComparedDifference[],
  names: readonly Name[],
  paint: Paint,
  width: number,
): Promise<string> {
  const baselines = new Set(differences.map(({ baseline, arm }) => nameBaseline(baseline, arm, overridesText)));
  const [only = ''] = baselines;
  const isOne = baselines.size === 1;
  const numbers = [right('pairs'), right('difference'), INTERVAL, { ...right('p'), rank: 1 }];
  const table = await renderTableWithin(
    width,
    [ARM, CONFIGURATION, ...(isOne ? [] : [{ ...left('less'), least: 13 }]), ...numbers],
    names.map((name) =>
      differences.map(({ arm, configuration, baseline, seeds, mean, interval, pValue }) => [
        arm,
        name(configuration),
        ...(isOne ? [] : [nameBaseline(baseline, arm, name)]),
        String(seeds.length),
        formatDifference(mean),
        renderInterval(interval, formatDifference),
        renderP(pValue),
      ]),
    ),
  );
  const heading = isOne ? `Differences from ${only}` : 'Differences';
  return `${paint('bold', heading)}, paired by seed on the same split\n${table}`;
}

/** What is subtracted: another arm by its name, the same arm by its configuration. */
function nameBaseline({ arm, configuration }: ComparedDifference['baseline'], own: string, name: Name): string {
  return arm === own ? name(configuration) : arm;
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

/** What there is no figure of, and why. */
function renderNotes({ differences, leftOut }: FolderComparison): string[] {
  const lines = [...renderUnpaired(differences), ...renderLeftOut(leftOut)];
  return lines.length === 0 ? [] : [lines.join('\n')];
}

/** What decides who has which images, and so whether the runs of one seed can be paired. */
const SPLIT_PATH = /^(dataset|partition|holdout)\.|^seeds\.(data|partition)$/;

/** Why differences have fewer pairs than seeds, a line for each reason. */
function renderUnpaired(differences: readonly ComparedDifference[]): string[] {
  const reasons = differences.flatMap(({ configuration, baseline, seeds, unpaired }) => {
    if (unpaired.length === 0) return seeds.length === 0 ? ['no seed was run both ways'] : [];
    const paths = Object.keys({ ...configuration, ...baseline.configuration }).filter(
      (path) => SPLIT_PATH.test(path) && !isDeepStrictEqual(configuration[path], baseline.configuration[path]),
    );
    if (paths.length === 0) return ['runs of one seed have other images in other places, or do not say which'];
    return [`${paths.join(', ')} ${paths.length === 1 ? 'decides' : 'decide'} who has which images`];
  });
  return [...new Set(reasons)].map((reason) => `not paired  ${reason}; compare the means by their intervals`);
}

/** How many are left out for each reason, and how to go on with those that did not end. */
function renderLeftOut(leftOut: FolderComparison['leftOut']): string[] {
  const counts = new Map<string, number>();
  for (const { arm, reason } of leftOut) {
    const what = arm === undefined ? `run: ${reason}` : `${arm}: ${reason}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const hint = resumeHint(leftOut);
  return [
    ...[...counts].map(([what, count]) => `left out  ${what}${count === 1 ? '' : ` (${count} times)`}`),
    ...(hint === undefined ? [] : [hint]),
  ];
}
