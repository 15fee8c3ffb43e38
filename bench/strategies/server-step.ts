/**
 * What each strategy's server step takes for a cohort of 100 clients and the 2NN of McMahan et al. 2017 (199,210
 * parameters), beside a whole round of such clients.
 */
import {
  type ParameterInfo,
  type Parameters,
  parameters as p,
  type Strategy,
  type StrategyPlugin,
  type Update,
} from '@fedx/core';
import { createRandom, createUpdates } from '@fedx/core/testing';
import { strategies } from '@fedx/strategies';
import { cores } from '../driver/machine.js';
import { atMost, type Section, seriesTable } from '../driver/report.js';
import { median } from '../driver/statistics.js';
import { type Bench, fedx, prepareWorkload, seriesOf, takeTurns } from '../driver/turns.js';
import { workloadSpec } from '../workloads/workload.js';

const CLIENTS = 100;
/** Steps before the first that counts: by then V8 has compiled the loops, as it has in most rounds of a run. */
const WARM_UP = 20;

const shapes: Readonly<Record<string, readonly number[]>> = {
  'dense-1/kernel': [784, 200],
  'dense-1/bias': [200],
  'dense-2/kernel': [200, 200],
  'dense-2/bias': [200],
  'dense-3/kernel': [200, 10],
  'dense-3/bias': [10],
};
const infos = Object.entries(shapes).map(([name, shape]): ParameterInfo => ({ name, shape, role: 'weight' }));

function draw(...path: readonly (string | number)[]): Parameters {
  const random = createRandom(1).at(...path);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      for (let i = 0; i < data.length; i++) data[i] = random.uint32() / 2 ** 31 - 1;
      return [name, { shape, data }];
    }),
  );
}

/** Options of the strategies that have none for this cohort by default, or that would do less here than on other updates. */
const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  krum: { attackers: 10 },
  'multi-krum': { attackers: 10 },
  bulyan: { attackers: 10 },
  'geometric-median': { tolerance: 0 },
};

const global = draw('global');
/** Whatever a strategy reads in a report. */
const updates = Array.from({ length: CLIENTS }, (_, client): Update => {
  const delta = draw('delta', client);
  const report = { control: draw('report', client), gradient: delta, loss: 1 };
  return {
    client,
    delta,
    norm: p.norm(delta),
    report,
    examples: 500 + client,
    steps: 50 + (client % 20),
    complete: true,
  };
});

function stepOf(plugin: StrategyPlugin): { readonly reads: Reads; readonly step: () => void } {
  const { properties = {} } = plugin.options as {
    properties?: Readonly<Record<string, { readonly default?: unknown }>>;
  };
  const defaults = Object.entries(properties).map(([name, schema]) => [name, schema.default] as const);
  const strategy: Strategy = plugin.create({ ...Object.fromEntries(defaults), ...options[plugin.name] }, {
    optimizer: { use: 'sgd', learningRate: 0.1, momentum: 0 },
  } as never);
  const base = { parameters: infos, clients: 10 * CLIENTS };
  let server: { global: Parameters; state?: unknown } = { global, state: strategy.init?.({ ...base, global }) };
  let round = 0;
  const step = (): void => {
    server = strategy.aggregate({
      ...base,
      global: server.global,
      state: server.state,
      round: ++round,
      learningRate: 0.1,
      updates: createUpdates(updates, strategy.weights ?? 'examples'),
    });
  };
  return { reads: strategy.reads ?? 'each', step };
}

/** These compare every client with every other: their order is stated, and no share of a round is promised. */
const quadratic: ReadonlySet<string> = new Set(['krum', 'multi-krum', 'bulyan']);

/** A strategy of each kind: what is read of the updates decides whether clients train jointly, and so what a round takes. */
const exampleOf = { mean: 'fedavg', each: 'fedmedian' } as const;
type Reads = keyof typeof exampleOf;

/** Milliseconds of a server step, and its share of a round: 600 images a client, E=1, B=10, on all cores. */
export async function measureServerStep(bench: Bench): Promise<Section> {
  const overrides = ['partition.clients=100', 'server.cohort.use=all'];
  const workload = await prepareWorkload(bench, 'server-step', workloadSpec('many-clients'), overrides);
  const { series, versions } = await takeTurns(
    bench,
    'round',
    'train-round',
    workload,
    Object.values(exampleOf).map((name) => ({
      name,
      command: fedx({ ...workload, overrides: [...overrides, `strategy.use=${name}`] }, 'onnx'),
      threads: cores,
    })),
  );
  const roundOf = (reads: Reads): number => median(seriesOf(series, exampleOf[reads])) * 1000;

  const contenders = strategies.flatMap((plugin) =>
    plugin.kind === 'strategy' ? [{ name: plugin.name, ...stepOf(plugin), series: [] as number[] }] : [],
  );
  for (let i = 0; i < WARM_UP; i++) for (const { step } of contenders) step();
  for (let turn = 1; turn <= bench.turns; turn++) {
    bench.log(`server step: turn ${turn} of ${bench.turns}`);
    for (const { step, series: own } of contenders) {
      // One that does not count, so that none pays for the garbage of the one before.
      step();
      const start = performance.now();
      step();
      own.push(performance.now() - start);
    }
  }
  const shareOf = ({ reads, series: own }: (typeof contenders)[number]): number => median(own) / roundOf(reads);
  const slowest = Math.max(...contenders.filter(({ name }) => !quadratic.has(name)).map(shareOf));
  return {
    title: 'The server’s step: 100 clients, 199,210 parameters',
    body: [
      seriesTable(
        'ms',
        'share of a round',
        contenders.map((contender) => ({
          name: contender.name,
          series: contender.series,
          comparison: `${(100 * shareOf(contender)).toFixed(1)} %`,
        })),
      ),
      `A round of 100 clients with 600 images each, B=10, E=1, takes ${Math.round(roundOf('mean'))} ms with fedavg, and ${Math.round(roundOf('each'))} ms with fedmedian, which as the other robust strategies reads every single update: clients then do not train jointly.`,
    ],
    verdicts: [atMost('the slowest server step but krum’s and bulyan’s, share of a round', 0.05, slowest, '')],
    versions,
  };
}
