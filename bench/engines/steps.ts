/** Local steps of one worker on one core, by model. */
import { atMost, type Section, seriesTable, type Verdict } from '../driver/report.js';
import { ratio } from '../driver/statistics.js';
import {
  type Bench,
  type Contender,
  fedx,
  peer,
  prepareWorkload,
  rowsAgainst,
  seriesOf,
  takeTurns,
  type Workload,
} from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

const onnx = 'fedx, ONNX';
const tensorflow = 'fedx, TensorFlow';
const pytorch = 'PyTorch';
const jax = 'JAX lax.scan';

/** The ratio of one contender's step to another's. */
type Against = (contender: string, other: string) => number;

const oneThread = (name: string, command: readonly string[]): Contender => ({ name, command, threads: 1 });

/** Both engines and PyTorch, and whoever else there is, in turns. */
async function compare(
  bench: Bench,
  title: string,
  workload: Workload,
  others: readonly Contender[],
  verdicts: (against: Against) => readonly Verdict[],
): Promise<Section> {
  const { series, versions } = await takeTurns(bench, title, 'steps', workload, [
    oneThread(onnx, fedx(workload, 'onnx')),
    oneThread(tensorflow, fedx(workload, 'tensorflow')),
    oneThread(pytorch, peer(bench, 'pytorch_loop.py')),
    ...others,
  ]);
  return {
    title: `${title}: a local step`,
    body: [seriesTable('µs a step', 'of ONNX', rowsAgainst(seriesOf(series, onnx), series))],
    verdicts: verdicts((contender, other) => ratio(seriesOf(series, contender), seriesOf(series, other))),
    versions,
  };
}

export async function measureMlp(bench: Bench): Promise<Section> {
  const workload = await prepareWorkload(bench, 'seed', workloadSpec('seed'));
  const others = [oneThread(jax, peer(bench, 'jax_scan.py'))];
  return compare(bench, 'MLP 784-128-10, B=32', workload, others, (against) => [
    atMost('MLP, ONNX against JAX lax.scan', 1, against(onnx, jax), 'x'),
    atMost('MLP, TensorFlow against JAX lax.scan', 1.1, against(tensorflow, jax), 'x'),
  ]);
}

/** The CNN of McMahan et al. 2017 in batches of so many, with the promises for the better engine and for ONNX. */
const measureMcmahan =
  (batch: number, promised: { readonly best: number; readonly onnx: number }) =>
  async (bench: Bench): Promise<Section> => {
    const spec = workloadSpec('mcmahan-cnn');
    const workload = await prepareWorkload(bench, `mcmahan-cnn-${batch}`, spec, [`client.batchSize=${batch}`]);
    return compare(bench, `CNN of McMahan et al., B=${batch}`, workload, [], (against) => {
      const best = Math.min(against(onnx, pytorch), against(tensorflow, pytorch));
      return [
        atMost(`McMahan’s CNN, B=${batch}, the better engine against PyTorch`, promised.best, best, 'x'),
        atMost(`McMahan’s CNN, B=${batch}, ONNX against PyTorch`, promised.onnx, against(onnx, pytorch), 'x'),
      ];
    });
  };

export const measureMcmahan10 = measureMcmahan(10, { best: 0.85, onnx: 0.95 });
export const measureMcmahan50 = measureMcmahan(50, { best: 0.9, onnx: 1.1 });

export async function measureLenet(bench: Bench): Promise<Section> {
  const workload = await prepareWorkload(bench, 'lenet', workloadSpec('lenet'));
  return compare(bench, 'LeNet, B=64', workload, [], (against) => [
    atMost('LeNet, ONNX against PyTorch', 0.82, against(onnx, pytorch), 'x'),
    atMost('LeNet, TensorFlow against PyTorch', 0.95, against(tensorflow, pytorch), 'x'),
  ]);
}
