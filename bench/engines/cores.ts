/** What a second core brings TensorFlow, and what it brings two programs that know nothing of each other. */
import { startPeer } from '../driver/child.js';
import { cores, onCores, repository } from '../driver/machine.js';
import { atLeast, figure, type Row, type Section, seriesTable } from '../driver/report.js';
import { median, ratio, type Series } from '../driver/statistics.js';
import { type Bench, fedx, prepareWorkload, seriesOf, takeTurns, type Workload } from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

interface Scaling {
  readonly name: string;
  readonly rows: readonly Row[];
  /** One worker's time over that of all. */
  readonly gain: number;
  /** What the same cores give separate programs. */
  readonly limit: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Training rounds with one worker and with two, by model. */
export async function measureCores(bench: Bench): Promise<Section> {
  const scalings = [
    await measureScaling(bench, 'MLP', await prepareWorkload(bench, 'seed', workloadSpec('seed'))),
    await measureScaling(bench, 'LeNet', await prepareWorkload(bench, 'lenet', workloadSpec('lenet'))),
  ];
  const limits = scalings.map(({ name, limit }) => `${name} ${figure(limit)}x`).join(', ');
  return {
    title: `TensorFlow on ${cores} cores: a round, training and aggregation`,
    body: [
      seriesTable(
        'ms a round',
        'one worker over it',
        scalings.flatMap(({ rows }) => rows),
      ),
      `What this machine gives two programs that share nothing, one on each core, over one that runs alone: ${limits}.`,
    ],
    verdicts: scalings.map(({ name, gain }) =>
      atLeast(`TensorFlow, ${name}, ${cores} cores against one`, 1.7, gain, 'x'),
    ),
    versions: scalings[0]?.versions ?? {},
  };
}

async function measureScaling(bench: Bench, name: string, workload: Workload): Promise<Scaling> {
  const command = fedx(workload, 'tensorflow');
  const titles = [1, cores].map((threads) => `${name}, ${threads} ${threads === 1 ? 'worker' : 'workers'}`);
  const contenders = titles.map((title, i) => ({ name: title, command, threads: i === 0 ? 1 : cores }));
  const { series, versions } = await takeTurns(bench, `cores, ${name}`, 'train-round', workload, contenders);
  const [one, all] = titles.map((title) => seriesOf(series, title)) as [Series, Series];
  const rows = titles.map((title) => {
    const own = seriesOf(series, title);
    const milliseconds = own.map((seconds) => seconds * 1000);
    return { name: title, series: milliseconds, comparison: `${figure(ratio(one, own))}x` };
  });
  return { name, rows, gain: ratio(one, all), limit: await measureLimit(bench, name, workload), versions };
}

/** Twice the time of a program that trains alone, over the time of two that train at once. */
async function measureLimit(bench: Bench, name: string, workload: Workload): Promise<number> {
  const { data } = workload;
  const command = fedx(workload, 'tensorflow');
  const programs = Array.from({ length: cores }, (_, core) =>
    startPeer({ command: onCores(1, command, core), directory: repository }),
  );
  const gains: number[] = [];
  try {
    for (const program of programs) await program.prepare({ data, threads: 1 });
    for (let turn = 1; turn <= bench.turns; turn++) {
      bench.log(`cores, ${name}: limit, turn ${turn} of ${bench.turns}`);
      const alone = (await programs[0]?.measure('train-round')) ?? NaN;
      const together = await Promise.all(programs.map((program) => program.measure('train-round')));
      gains.push((cores * alone) / Math.max(...together));
    }
  } finally {
    await Promise.all(programs.map((program) => program.close()));
  }
  return median(gains);
}
