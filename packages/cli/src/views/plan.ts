import type { Estimate, ExperimentPlan, PartitionTable } from '@fedx/core/host';
import { formatCount, formatDuration, formatEstimate, formatShare } from './figures.js';
import { renderLabelBars } from './label-bars.js';
import { type Paint, plain } from './paint.js';
import { renderPlace } from './points.js';
import { type Column, renderTable } from './table.js';

/** Clients whose rows are shown; `--json` has all of them. */
const CLIENTS_SHOWN = 50;

/** Points of a sweep that are shown. */
const POINTS_SHOWN = 50;

const right = (heading: string): Column => ({ heading, align: 'right' });
const left = (heading: string): Column => ({ heading, align: 'left' });

/** How a plan is shown: bars where there are colours and room, numbers elsewhere. */
export interface PlanStyle {
  readonly paint: Paint;
  /** Width of the terminal; 0 or absent where it is not known. */
  readonly columns?: number | undefined;
}

/** The width to draw for; some pseudo-terminals say that they are no columns wide. */
function roomOf(columns = 0): number {
  return columns > 0 ? columns : 80;
}

/** What a run would do: the split of the data, client by client, what would be trained, and what it would take. */
export async function renderPlan(plan: ExperimentPlan, style: PlanStyle): Promise<string> {
  const { spec, partition, estimate } = plan;
  const { paint } = style;
  const sections = [
    `${paint('bold', spec.name)}  ${spec.dataset.use}, ${formatCount(plan.examples)} examples, seed ${spec.seed}`,
    `${paint('bold', 'Examples of each label')} (${spec.partition.use})\n${await renderLabels(partition, style)}`,
    [renderSizes(plan), renderHeterogeneity(partition)].join('\n'),
    `${paint('bold', 'Model')}  ${spec.model.use}, ${formatCount(plan.parameters)} parameters, engine ${plan.engine}`,
    ...renderAttackers(plan, paint),
    `${paint('bold', 'Arms')}\n${await renderArms(plan)}`,
    ...renderPoints(plan, paint),
    ...(estimate === undefined
      ? []
      : [`${paint('bold', 'Estimate')}  ${renderEstimate(estimate, plan.points.length)}`]),
  ];
  return sections.join('\n\n');
}

/** Client by client: how many examples of each label, the share of its most frequent one, and how they are used. */
async function renderLabels(partition: PartitionTable, { paint, columns }: PlanStyle): Promise<string> {
  const shown = { ...partition, labels: partition.labels.slice(0, CLIENTS_SHOWN) };
  const bars = paint === plain ? undefined : renderLabelBars(shown, paint, roomOf(columns));
  const hidden = partition.labels.length - shown.labels.length;
  const rest = hidden > 0 ? `\n… and ${formatCount(hidden)} more clients; --json has all of them` : '';
  return `${bars ?? (await renderCounts(shown))}${rest}`;
}

function renderCounts({ labels, train, test }: PartitionTable): Promise<string> {
  const classes = labels[0]?.length ?? 0;
  const columns = [
    right('client'),
    ...Array.from({ length: classes }, (_, label) => right(String(label))),
    ...['total', 'dominant', 'train', 'test'].map(right),
  ];
  const rows = labels.map((counts, client) => {
    const total = sum(counts);
    return [
      String(client),
      ...counts.map(String),
      String(total),
      total === 0 ? '–' : formatShare(Math.max(...counts) / total),
      String(train[client] ?? 0),
      String(test[client] ?? 0),
    ];
  });
  return renderTable(columns, rows);
}

/** What is evaluated on, and what the clients have of all examples. */
function renderSizes({ examples, heldOut, partition: { train, test, validation } }: ExperimentPlan): string {
  const [trained, tested, validated] = [sum(train), sum(test), sum(validation)];
  const held = `${formatCount(trained + tested + validated)} of ${formatCount(examples)}`;
  return [
    `test set ${formatCount(heldOut.test)}, validation set ${formatCount(heldOut.validation)}`,
    `with the clients ${held}: train ${formatCount(trained)}, test ${formatCount(tested)}, validation ${formatCount(validated)}`,
  ].join('\n');
}

function renderHeterogeneity({ heterogeneity }: PartitionTable): string {
  const { jensenShannon, earthMovers } = heterogeneity;
  const figures = ({ mean, max }: { mean: number; max: number }): string =>
    `mean ${mean.toFixed(3)}, max ${max.toFixed(3)}`;
  return [
    `Jensen-Shannon divergence to all data's labels: ${figures(jensenShannon)}`,
    `earth mover's distance to all data's labels: ${figures(earthMovers)}`,
  ].join('\n');
}

/** How many clients are malicious, and which; nothing where none is. */
function renderAttackers({ spec, attackers, partition }: ExperimentPlan, paint: Paint): string[] {
  if (attackers.length === 0) return [];
  const rest = attackers.length > CLIENTS_SHOWN ? ', …' : '';
  const numbers = `${attackers.slice(0, CLIENTS_SHOWN).join(', ')}${rest}`;
  const of = `${formatCount(attackers.length)} of ${formatCount(partition.labels.length)} clients: ${numbers}`;
  return [`${paint('bold', 'Attackers')}  ${spec.environment.attackers?.attack.use ?? ''}, ${of}`];
}

function renderArms({ arms }: ExperimentPlan): Promise<string> {
  const rows = arms.map(({ arm, steps, localSteps }) => [arm, formatCount(steps), formatCount(localSteps)]);
  return renderTable([left('arm'), right('steps'), right('local steps')], rows);
}

/** The points of a sweep; what stands above is that of the first. */
function renderPoints({ points }: ExperimentPlan, paint: Paint): string[] {
  if (points.length === 1) return [];
  const shown = points.slice(0, POINTS_SHOWN).map(({ overrides }, index) => {
    return renderPlace({ number: index + 1, of: points.length, overrides });
  });
  const hidden = points.length - shown.length;
  const rest = hidden > 0 ? [`… and ${formatCount(hidden)} more; --json has all of them`] : [];
  return [[`${paint('bold', 'Sweep')}  the above is its first point`, ...shown, ...rest].join('\n')];
}

function renderEstimate({ memoryBytes, seconds, secondsPerRound }: Estimate, points: number): string {
  const memory = `${formatCount(Math.ceil(memoryBytes / 2 ** 20))} MiB of memory`;
  const all =
    points > 1 ? ` for the first point, ${formatEstimate(points * seconds)} where all ${points} are like it` : '';
  return `about ${formatEstimate(seconds)}${all}, ${formatDuration(secondsPerRound)} a round, ${memory}; from a few measured steps`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
