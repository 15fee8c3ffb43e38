/** Rounds a second on a GPU, fedx's engine TensorFlow against PyTorch. */
import { cores } from '../driver/machine.js';
import { type Section, seriesTable } from '../driver/report.js';
import { type Bench, fedx, peer, prepareWorkload, rowsAgainst, seriesOf, takeTurns } from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

const ours = 'fedx, TensorFlow, one worker';
/** What a worker does on the processor for one client overlaps with what the GPU does for another. */
const fourWorkers = 'fedx, TensorFlow, four workers';

/** Training and aggregation of a workload's rounds; whether the GPU is used, TensorFlow and FEDX_BENCH_TORCH_DEVICE decide. */
const measureRounds =
  (title: string, workloadName: 'seed' | 'mcmahan-cnn' | 'resnet-gn') =>
  async (bench: Bench): Promise<Section> => {
    const workload = await prepareWorkload(bench, workloadName, workloadSpec(workloadName));
    const { series, versions } = await takeTurns(bench, title, 'train-round', workload, [
      { name: ours, command: fedx(workload, 'tensorflow'), threads: 1, cores },
      { name: fourWorkers, command: fedx(workload, 'tensorflow'), threads: 4, cores },
      { name: 'PyTorch', command: peer(bench, 'pytorch_loop.py'), threads: 1, cores },
    ]);
    const rows = rowsAgainst(seriesOf(series, ours), series).map((row) => ({
      ...row,
      series: row.series.map((seconds) => 1 / seconds),
    }));
    return {
      title: `${title}: rounds of training and aggregation`,
      body: [seriesTable('rounds a second', 'time of fedx’s', rows)],
      verdicts: [],
      versions,
    };
  };

export const gpu = {
  mlp: measureRounds('MLP 784-128-10, B=32, 10 clients', 'seed'),
  cnn: measureRounds('CNN of McMahan et al., B=10, 2 clients', 'mcmahan-cnn'),
  resnet: measureRounds('ResNet-18 with group normalisation, B=32, 2 clients', 'resnet-gn'),
};
