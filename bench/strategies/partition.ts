/** How long it takes to split a dataset over many clients. */
import { atMost, type Section, seriesTable } from '../driver/report.js';
import { median } from '../driver/statistics.js';
import { type Bench, fewerTurns } from '../driver/turns.js';
import { loadDataset, loadSpec, split, workloadSpec } from '../workloads/workload.js';

const FEATURE_NOISE = '{ use: feature-noise, sigma: 0.1, of: { use: iid, clients: 10000 } }';

/** Partitions of MNIST's 70,000 images over 10,000 clients as a spec writes them; a small alpha would leave some of so many without one. */
const partitions: Readonly<Record<string, string>> = {
  iid: '{ use: iid, clients: 10000 }',
  'dominant-label': '{ use: dominant-label, clients: 10000, dominantShare: 0.55 }',
  'missing-labels': '{ use: missing-labels, clients: 10000, missing: 8 }',
  'label-shards': '{ use: label-shards, clients: 10000 }',
  'labels-per-client': '{ use: labels-per-client, clients: 10000, labels: 2 }',
  'dirichlet-label': '{ use: dirichlet-label, clients: 10000, alpha: 0.5 }',
  'dirichlet-class': '{ use: dirichlet-class, clients: 10000, alpha: 1000, minimumExamples: 2 }',
  'quantity, power-law': '{ use: quantity, clients: 10000, rule: power-law, exponent: 0.1, minimumExamples: 3 }',
  'quantity, dirichlet': '{ use: quantity, clients: 10000, rule: dirichlet, alpha: 1000, minimumExamples: 4 }',
  'rotation of iid': '{ use: rotation, of: { use: iid, clients: 10000 } }',
  'feature-noise of iid': FEATURE_NOISE,
};

/** Seconds of partitioning and holding out. */
export async function measurePartition(bench: Bench): Promise<Section> {
  const file = workloadSpec('seed');
  const contenders = await Promise.all(
    Object.entries(partitions).map(async ([name, partition]) => ({
      name,
      spec: await loadSpec(file, [`partition=${partition}`, 'holdout.test=0.01']),
      series: [] as number[],
    })),
  );
  const dataset = await loadDataset(await loadSpec(file, []));
  const noisy = await loadSpec(file, [`partition=${FEATURE_NOISE}`, 'holdout.test=0.01']);
  const noise: number[] = [];
  for (let turn = 1; turn <= fewerTurns(bench.turns); turn++) {
    bench.log(`partition: turn ${turn} of ${fewerTurns(bench.turns)}`);
    for (const { spec, series } of contenders) {
      const start = performance.now();
      split(spec, dataset);
      series.push((performance.now() - start) / 1000);
    }
    const { dataset: skewed } = split(noisy, dataset);
    const start = performance.now();
    noise.push((skewed.inputs.length > 0 ? performance.now() - start : Number.NaN) / 1000);
  }
  return {
    title: 'Splitting 70,000 images over 10,000 clients',
    body: [
      seriesTable('seconds', '', contenders),
      `A run with feature-noise draws the noise when it first needs the inputs: ${median(noise).toFixed(1)} s for all 55 million values.`,
    ],
    verdicts: [
      atMost('the slowest partitioner, 10,000 clients', 2, Math.max(...contenders.map((c) => median(c.series))), ' s'),
    ],
    versions: {},
  };
}
