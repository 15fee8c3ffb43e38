/**
 * Milliseconds of processor time that each strategy's server step takes for a cohort of 100 clients and the 2NN of McMahan et
 * al. 2017 (199,210 parameters), beside what the local training of such a round takes: `npm run bench:server`.
 *
 * Strategies take turns. Processor time is what counts on a machine that others use; a server step has one thread.
 */
import type { ParameterInfo, Parameters, Strategy, StrategyPlugin, Update } from '@fedx/core';
import { createRandom, createUpdates } from '@fedx/core/testing';
import { strategies } from '@fedx/strategies';
import { median } from './driver/statistics.js';

const CLIENTS = 100;
const TURNS = Number(process.argv[2] ?? 7);

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

/** Options of the strategies that have none for this cohort by default. */
const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  krum: { attackers: 10 },
  'multi-krum': { attackers: 10 },
  bulyan: { attackers: 10 },
};

const global = draw('global');
/** Whatever a strategy reads in a report. */
const updates = Array.from({ length: CLIENTS }, (_, client): Update => {
  const delta = draw('delta', client);
  const report = { control: draw('report', client), gradient: delta, loss: 1 };
  return { client, delta, report, examples: 500 + client, steps: 50 + (client % 20), complete: true };
});

function stepOf(plugin: StrategyPlugin): () => void {
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
  return () => {
    server = strategy.aggregate({
      ...base,
      global: server.global,
      state: server.state,
      round: ++round,
      learningRate: 0.1,
      updates: createUpdates(updates, strategy.weights ?? 'examples'),
    });
  };
}

const contenders = strategies.flatMap((plugin) =>
  plugin.kind === 'strategy' && (process.argv[3] === undefined || process.argv[3].split(',').includes(plugin.name))
    ? [{ name: plugin.name, step: stepOf(plugin), series: [] as number[] }]
    : [],
);
for (const { step } of contenders) step();
for (let turn = 0; turn < TURNS; turn++) {
  for (const { step, series } of contenders) {
    const before = process.cpuUsage();
    step();
    const { user, system } = process.cpuUsage(before);
    series.push((user + system) / 1000);
  }
}
for (const { name, series } of contenders)
  console.log(name.padEnd(20), median(series).toFixed(1), Math.min(...series).toFixed(1));
