/** What the strategies' rules for clients add to a local step, on one worker and one core. */
import { atMost, type Section, seriesTable } from '../driver/report.js';
import { ratio } from '../driver/statistics.js';
import { type Bench, fedx, prepareWorkload, rowsAgainst, seriesOf, takeTurns } from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

/** Strategies as a spec writes them, by name. */
const rules = { fedavg: '{ use: fedavg }', fedprox: '{ use: fedprox, mu: 0.1 }', scaffold: '{ use: scaffold }' };

/** Microseconds of a local step of the seed experiment's MLP, by strategy. */
export async function measureLocalSteps(bench: Bench): Promise<Section> {
  const workload = await prepareWorkload(bench, 'seed', workloadSpec('seed'));
  const { series, versions } = await takeTurns(
    bench,
    'local steps',
    'steps',
    workload,
    Object.entries(rules).map(([name, strategy]) => ({
      name,
      command: fedx({ ...workload, overrides: [`strategy=${strategy}`] }, 'onnx'),
      threads: 1,
    })),
  );
  const fedavg = seriesOf(series, 'fedavg');
  return {
    title: 'A local step by strategy: MLP 784-128-10, B=32',
    body: [seriesTable('µs a step', 'of fedavg', rowsAgainst(fedavg, series))],
    verdicts: ['fedprox', 'scaffold'].map((name) =>
      atMost(`a local step of ${name} against fedavg’s`, 1.25, ratio(seriesOf(series, name), fedavg), 'x'),
    ),
    versions,
  };
}
