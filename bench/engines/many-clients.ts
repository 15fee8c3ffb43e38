/** A round of many small clients on all cores: what is not the steps themselves shows here. */
import { cores } from '../driver/machine.js';
import { atLeast, type Section, seriesTable } from '../driver/report.js';
import { ratio } from '../driver/statistics.js';
import { flower, timeRounds } from '../driver/timed-rounds.js';
import {
  type Bench,
  fedx,
  fewerTurns,
  peer,
  prepareWorkload,
  pythonVersions,
  rowsAgainst,
  seriesOf,
  takeTurns,
} from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

/** Rounds of a run of Flower, whose first one is not counted. */
const rounds = 4;

/** Seconds a round of training and aggregation, without evaluation. */
export async function measureManyClients(bench: Bench): Promise<Section> {
  const workload = await prepareWorkload(bench, 'many-clients', workloadSpec('many-clients'));
  const ours = `fedx, ONNX, ${cores} workers`;
  const { series, versions } = await takeTurns(bench, 'clients', 'train-round', workload, [
    { name: ours, command: fedx(workload, 'onnx'), threads: cores },
    { name: 'PyTorch, one thread', command: peer(bench, 'pytorch_loop.py'), threads: 1 },
    { name: `PyTorch, ${cores} threads`, command: peer(bench, 'pytorch_loop.py'), threads: cores },
  ]);
  const turns = fewerTurns(bench.turns);
  const flowerSeconds: number[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    bench.log(`clients: turn ${turn} of ${turns}, Flower`);
    flowerSeconds.push((await timeRounds(flower(bench, workload, rounds, '--train-only'), rounds)).steady);
  }
  const all = new Map([...series, ['Flower, 2 Ray actors', flowerSeconds]]);
  const own = seriesOf(all, ours);
  const faster = (name: string): number => ratio(seriesOf(all, name), own);
  return {
    title: '100 of 1,000 clients, 60 images each, B=10, 2NN: a round, training and aggregation',
    body: [
      seriesTable(
        'ms a round',
        'of fedx',
        rowsAgainst(own, all).map((row) => ({ ...row, series: row.series.map((seconds) => seconds * 1000) })),
      ),
      `Flower is a command of its own: ${turns} runs of ${rounds} rounds, after the others’ turns.`,
    ],
    verdicts: [
      atLeast('100 small clients, a round against Flower’s', 20, faster('Flower, 2 Ray actors'), 'x faster'),
      atLeast(
        '100 small clients, a round against PyTorch’s',
        4,
        Math.min(faster('PyTorch, one thread'), faster(`PyTorch, ${cores} threads`)),
        'x faster',
      ),
    ],
    versions: { ...versions, ...pythonVersions(bench.python(), ['flwr', 'ray']) },
  };
}
