/**
 * Draws docs/figures/dirichlets.svg: what four meanings of "Dirichlet with alpha 0.5" make of MNIST's labels.
 *
 *     npm run build && node --import jiti/register experiments/partitions/draw-dirichlets.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PartitionRequest } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { partitioners } from '@fedx/partitioners';
import { init } from 'echarts';

/** Images of each digit among MNIST's 70,000. */
const counts = [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958];
const clients = 10;
const alpha = 0.5;

const panels = [
  {
    title: 'dirichlet-class: NIID-Bench; FedLab hetero_dir_partition',
    use: 'dirichlet-class',
    options: { balance: true, minimumExamples: 10, attempts: 100 },
  },
  {
    title: 'dirichlet-class, balance: false: Flower DirichletPartitioner',
    use: 'dirichlet-class',
    options: { balance: false, minimumExamples: 10, attempts: 100 },
  },
  {
    title: 'dirichlet-label, prior: flat: FedLab and Flower, “inner”',
    use: 'dirichlet-label',
    options: { prior: 'flat' },
  },
  { title: 'dirichlet-label: Hsu, Qi and Brown 2019', use: 'dirichlet-label', options: { prior: 'dataset' } },
];

function split(use: string, options: Readonly<Record<string, unknown>>): readonly (readonly number[])[] {
  const plugin = partitioners.find(({ name }) => name === use);
  if (plugin?.kind !== 'partitioner') throw new TypeError(`There is no partitioner ${use}.`);
  const request: PartitionRequest = {
    labels: Uint8Array.from(counts.flatMap((count, label) => Array<number>(count).fill(label))),
    classes: counts.length,
    random: createRandom(1).at('partition'),
    dataset: 'mnist',
    directory: '.',
    partition: () => ({ quotas: [] }),
  };
  const partition = plugin.partition({ clients, alpha, ...options }, request);
  return 'quotas' in partition ? partition.quotas : [];
}

const place = (panel: number) => ({ left: panel % 2 === 0 ? 60 : 540, top: panel < 2 ? 70 : 370 });
const chart = init(null, null, { renderer: 'svg', ssr: true, width: 980, height: 640 });
chart.setOption({
  animation: false,
  backgroundColor: '#ffffff',
  textStyle: { fontFamily: 'sans-serif' },
  color: ['#4e79a7', '#f28e2b', '#e15759', '#76b7b2', '#59a14f', '#edc948', '#b07aa1', '#ff9da7', '#9c755f', '#bab0ac'],
  title: panels.map(({ title }, panel) => ({
    text: title,
    textStyle: { fontSize: 13 },
    left: place(panel).left - 10,
    top: place(panel).top - 45,
  })),
  legend: { bottom: 0, data: counts.map((_, label) => `label ${label}`), itemWidth: 14 },
  grid: panels.map((_, panel) => ({ ...place(panel), width: 410, height: 200 })),
  xAxis: panels.map((_, panel) => ({
    type: 'category',
    gridIndex: panel,
    data: Array.from({ length: clients }, (_client, client) => String(client)),
    name: 'client',
    nameLocation: 'middle',
    nameGap: 25,
  })),
  yAxis: panels.map((_, panel) => ({ type: 'value', gridIndex: panel, max: 16_000, interval: 4000, name: 'examples' })),
  series: panels.flatMap(({ use, options }, panel) => {
    const quotas = split(use, options);
    return counts.map((_, label) => ({
      type: 'bar',
      silent: true,
      emphasis: { disabled: true },
      name: `label ${label}`,
      stack: `panel ${panel}`,
      xAxisIndex: panel,
      yAxisIndex: panel,
      data: quotas.map((quota) => quota[label] ?? 0),
    }));
  }),
});
const file = fileURLToPath(new URL('../../docs/figures/dirichlets.svg', import.meta.url));
writeFileSync(file, `${chart.renderToSVGString()}\n`);
chart.dispose();
