/** The seed experiment's training in a warm process: a local step, and a round. */
import { cores } from '../driver/machine.js';
import { atLeast, atMost, figure, type Row, type Section, seriesTable } from '../driver/report.js';
import { median, ratio, type Series } from '../driver/statistics.js';
import {
  absent,
  type Bench,
  type Contender,
  fedx,
  node,
  peer,
  prepareWorkload,
  rowsAgainst,
  seriesOf,
  takeTurns,
  type Workload,
} from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

/** The workload of all parts. */
export function seedWorkload(bench: Bench): Promise<Workload> {
  return prepareWorkload(bench, 'seed', workloadSpec('seed'));
}

/** One worker on one core: microseconds a local step. */
export async function measureSteps(bench: Bench): Promise<Section> {
  const workload = await seedWorkload(bench);
  const { series, versions, missing } = await takeTurns(bench, 'steps', 'steps', workload, [
    { name: 'fedx', command: fedx(workload, 'onnx'), threads: 1 },
    { name: 'JAX lax.scan', command: peer(bench, 'jax_scan.py'), threads: 1 },
    { name: 'PyTorch loop', command: peer(bench, 'pytorch_loop.py'), threads: 1 },
    { name: 'the two large matrix products', command: peer(bench, 'matmul_limit.py'), threads: 1 },
    { name: 'tfjs-node eager', command: node('tfjs-steps.ts', 'eager'), threads: 1, optional: true },
    { name: 'tfjs-node model.fit', command: node('tfjs-steps.ts', 'fit'), threads: 1, optional: true },
  ]);
  const own = seriesOf(series, 'fedx');
  const against = (name: string) => ratio(own, seriesOf(series, name));
  return {
    title: 'One worker: a local step',
    body: [seriesTable('µs a step', 'of fedx', rowsAgainst(own, series)), ...absent(missing)],
    verdicts: [
      atMost('one worker, a step against JAX lax.scan', 1.05, against('JAX lax.scan'), 'x'),
      atMost('one worker, a step against PyTorch', 0.3, against('PyTorch loop'), 'x'),
      atMost('one worker, a step against the matrix products', 1.9, against('the two large matrix products'), 'x'),
    ],
    versions,
  };
}

/** All cores: seconds a round, within a process that is warm. */
export async function measureRounds(bench: Bench): Promise<Section> {
  const withThreads = (name: string, script: string): Contender[] =>
    [1, cores].map((threads) => ({
      name: `${name}, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
      command: peer(bench, script),
      threads,
    }));
  const workload = await seedWorkload(bench);
  const { series, versions } = await takeTurns(bench, 'round', 'round', workload, [
    { name: `fedx, ${cores} workers`, command: fedx(workload, 'onnx'), threads: cores },
    ...withThreads('JAX', 'jax_scan.py'),
    ...withThreads('PyTorch', 'pytorch_loop.py'),
  ]);
  const ours = seriesOf(series, `fedx, ${cores} workers`);
  const best = (name: string): Series =>
    [...series]
      .filter(([contender]) => contender.startsWith(name))
      .map(([, own]) => own)
      .toSorted((a, b) => median(a) - median(b))[0] ?? [];
  return {
    title: 'All cores: a round, training, aggregation and evaluation',
    body: [
      seriesTable('ms a round', 'of fedx', rowsAgainst(ours, series).map(inMilliseconds)),
      `PyTorch’s best takes ${figure(ratio(best('PyTorch'), ours))} times fedx’s round.`,
    ],
    verdicts: [atLeast('all cores, a round against JAX’s best', 1.7, ratio(best('JAX'), ours), 'x faster')],
    versions,
  };
}

const inMilliseconds = (row: Row): Row => ({ ...row, series: row.series.map((seconds) => seconds * 1000) });
