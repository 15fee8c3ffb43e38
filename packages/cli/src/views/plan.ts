import type { ExperimentPlan, PartitionTable } from '@fedx/core/host';
import { formatCount, formatShare } from './figures.js';
import type { Paint } from './paint.js';
import { renderPlace } from './points.js';
import { type Column, renderTable } from './table.js';

/** Clients whose rows are shown; `--json` has all of them. */
const CLIENTS_SHOWN = 50;

/** Points of a sweep that are shown. */
const POINTS_SHOWN = 50;

const right = (heading: string): Column => ({ heading, align: 'right' });
const left = (heading: string): Column => ({ heading, align: 'left' });

/** What a run would do: the split of the data, client by client, and what would be trained. */
export async function renderPlan(plan: ExperimentPlan, paint: Paint): Promise<string> {
  const { spec, partition } = plan;
  const sections = [
    `${paint('bold', spec.name)}  ${spec.dataset.use}, ${formatCount(plan.examples)} examples, seed ${spec.seed}`,
    `${paint('bold', 'Examples of each label')} (${spec.partition.use})\n${await renderLabels(partition)}`,
    renderHeterogeneity(partition),
    `${paint('bold', 'Model')}  ${spec.model.use}, ${formatCount(plan.parameters)} parameters, engine ${plan.engine}`,
    `${paint('bold', 'Arms')}\n${await renderArms(plan)}`,
    ...renderPoints(plan, paint),
  ];
  return sections.join('\n\n');
}

/** Client by client: how many examples of each label, the share of its most frequent one, and how they are used. */
async function renderLabels(partition: PartitionTable): Promise<string> {
  const classes = partition.labels[0]?.length ?? 0;
  const columns = [
    right('client'),
    ...Array.from({ length: classes }, (_, label) => right(String(label))),
    ...['total', 'dominant', 'train', 'test'].map(right),
  ];
  const rows = partition.labels.slice(0, CLIENTS_SHOWN).map((counts, client) => {
    const total = sum(counts);
    return [
      String(client),
      ...counts.map(String),
      String(total),
      total === 0 ? '–' : formatShare(Math.max(...counts) / total),
      String(partition.train[client] ?? 0),
      String(partition.test[client] ?? 0),
    ];
  });
  const hidden = partition.labels.length - rows.length;
  return `${await renderTable(columns, rows)}${hidden > 0 ? `\n… and ${formatCount(hidden)} more clients; --json has all of them` : ''}`;
}

function renderHeterogeneity({ train, test, validation, heterogeneity }: PartitionTable): string {
  const { jensenShannon, earthMovers } = heterogeneity;
  const figures = ({ mean, max }: { mean: number; max: number }): string =>
    `mean ${mean.toFixed(3)}, max ${max.toFixed(3)}`;
  return [
    `sizes: train ${formatCount(sum(train))}, test ${formatCount(sum(test))}, validation ${formatCount(sum(validation))}`,
    `Jensen-Shannon divergence to all data's labels: ${figures(jensenShannon)}`,
    `earth mover's distance to all data's labels: ${figures(earthMovers)}`,
  ].join('\n');
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

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
