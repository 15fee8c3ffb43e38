/**
 * What checkpoints take of a run's processor time. A hundredth cannot be told from what differs between two runs, so one
 * checkpoint is priced by a run that writes one after each round, and then counted as often as `every: auto` writes one.
 */
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../driver/machine.js';
import { processorSeconds } from '../driver/processor-time.js';
import { atMost, figure, type Section, table, type Verdict } from '../driver/report.js';
import { median } from '../driver/statistics.js';
import { type Bench, fewerTurns } from '../driver/turns.js';
import { fedxProgram } from '../seed/command.js';

interface Experiment {
  readonly name: string;
  readonly rounds: number;
  readonly overrides: readonly string[];
}

const experiments: readonly Experiment[] = [
  { name: 'the seed experiment', rounds: 100, overrides: ['controls=[]'] },
  {
    name: '2NN with scaffold and 100 clients',
    rounds: 20,
    overrides: [
      'controls=[]',
      'model={ use: mcmahan-2nn }',
      'strategy={ use: scaffold }',
      'partition.clients=100',
      'server.cohort={ use: uniform, clients: 10 }',
      'client={ epochs: 1, batchSize: 10, optimizer: { use: sgd, learningRate: 0.05 } }',
    ],
  },
];

interface Priced {
  /** Seconds of the processor. */
  readonly seconds: number;
  readonly checkpoints: number;
}

async function price(bench: Bench, { overrides, rounds }: Experiment, every: string): Promise<Priced> {
  const directory = await mkdtemp(join(bench.scratch, 'checkpoints-'));
  const spec = join(repository, 'experiments/noniid-mnist.yaml');
  // All are kept, to be counted.
  const options = [
    'expect=[]',
    `server.rounds=${rounds}`,
    'tracking.mlflow=off',
    'checkpoint.keep=100',
    `checkpoint.every=${every}`,
  ];
  const program = fedxProgram(directory, spec, ...overrides, ...options, '--json');
  const seconds = await processorSeconds({ ...program, environment: { FEDX_CACHE: join(bench.scratch, 'cache') } });
  const runs = join(directory, '.fedx/runs');
  const [run = ''] = await readdir(runs);
  const folder = join(runs, run, 'arms/federated/checkpoints');
  return { seconds, checkpoints: (await readdir(folder).catch(() => [])).length };
}

export async function measureCheckpoints(bench: Bench): Promise<Section> {
  const turns = fewerTurns(bench.turns);
  const rows: string[][] = [];
  const verdicts: Verdict[] = [];
  for (const experiment of experiments) {
    const { name, rounds } = experiment;
    const costs: number[] = [];
    const shares: number[] = [];
    const counts: number[] = [];
    const totals: number[] = [];
    for (let turn = 1; turn <= turns; turn++) {
      bench.log(`checkpoints: turn ${turn} of ${turns}, ${name}`);
      const none = await price(bench, experiment, String(rounds));
      const all = await price(bench, experiment, '1');
      const auto = await price(bench, experiment, 'auto');
      const cost = (all.seconds - none.seconds) / (all.checkpoints - none.checkpoints);
      costs.push(cost);
      counts.push(auto.checkpoints);
      totals.push(none.seconds);
      shares.push((auto.checkpoints * cost) / none.seconds);
    }
    rows.push([
      `${name}, ${rounds} rounds`,
      figure(median(totals)),
      figure(median(costs) * 1000),
      figure(median(counts)),
      `${figure(median(shares) * 100)} %`,
    ]);
    verdicts.push(atMost(`checkpoints of ${name}, share of its time`, 0.02, median(shares), ''));
  }
  return {
    title: 'Checkpoints',
    body: [
      table(
        ['', 'without, s of the processor', 'one checkpoint, ms', 'written by every: auto', 'share of the time'],
        rows,
      ),
      `Medians of ${turns} turns. One checkpoint is the difference between a run that writes one after each round and a run that writes none, over their number.`,
    ],
    verdicts,
    versions: {},
  };
}
