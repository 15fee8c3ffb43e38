import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OptionsSchema, Parameters, Strategy, StrategyPlugin, Update } from '../contracts/index.js';
import { checkedAggregate, createUpdates } from '../experiment/index.js';
import { add, norm, subtract, zerosLike } from '../parameters/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { linearModel, linearShape } from './linear-model.js';
import { compileTraining, gradientDescent } from './local-training.js';
import { assertPlainData } from './plain-data.js';
import { randomParameters, shapesOf } from './random-parameters.js';

/** What a strategy may promise beyond the contract; the suite holds it to what is claimed. */
export interface StrategyClaims {
  /** Where no client moved, the global parameters stay as they are. */
  readonly still?: boolean;
  /** Where all clients send one and the same update in round 1, the global parameters move by it. */
  readonly unanimous?: boolean;
  /** Which client sends an update makes no difference, but for rounding. */
  readonly symmetric?: boolean;
}

export interface StrategySetup<Schema extends OptionsSchema = OptionsSchema> extends Setup<Schema> {
  readonly claims?: StrategyClaims;
}

const shapes = { 'dense-1/kernel': [4, 3], 'dense-1/bias': [3], gain: [] };
const start = randomParameters(shapes, 1);
const rounds = [1, 2, 3];
/** Relative to the norm of the parameters: sums may take another order. */
const TOLERANCE = 1e-5;

/** What five clients send in a round: other deltas, sizes and numbers of steps, and one client without examples. */
function updatesOf(round: number): readonly Update[] {
  return [600, 20, 0, 350, 75].map((examples, client) => {
    const drawn = randomParameters(shapes, 10 * round + client);
    const delta = examples === 0 ? zerosLike(drawn) : drawn;
    return { client, delta, examples, steps: Math.ceil(examples / 32) };
  });
}

/**
 * What every strategy must do: keep names and shapes, leave its arguments alone, be repeatable, keep all that it
 * remembers in its state as plain data, and have a client rule that compiles and trains; and what it claims.
 */
export function strategyConformance<Schema extends OptionsSchema, State>(
  plugin: StrategyPlugin<Schema, State>,
  setup?: StrategySetup<Schema>,
): readonly ConformanceCheck[];
export function strategyConformance(plugin: StrategyPlugin, setup: StrategySetup = {}): readonly ConformanceCheck[] {
  const resolve = () => resolveOptions(plugin, setup.options ?? {});
  const create = async (): Promise<Strategy> =>
    plugin.create(await resolve(), {
      random: createRandom(1).at('strategy'),
      log: () => undefined,
      signal: new AbortController().signal,
      cache: join(tmpdir(), 'fedx-conformance'),
    });
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'keeps the names and shapes of the parameters, and their values finite',
      run: async () => {
        const strategy = await create();
        assert.ok([undefined, 'examples', 'uniform'].includes(strategy.weights), 'weights is examples or uniform.');
        const after = play(plugin, strategy, rounds).at(-1)?.global ?? {};
        assert.deepEqual(shapesOf(after), shapesOf(start));
      },
    },
    {
      title: 'aggregates a cohort of one client',
      run: async () => void play(plugin, await create(), rounds, (round) => updatesOf(round).slice(1, 2)),
    },
    {
      title: 'leaves what it is given as it was',
      run: async () => {
        const strategy = await create();
        const global = structuredClone(start);
        const state = strategy.init?.({ global });
        const updates = updatesOf(1);
        const before = structuredClone({ global, state, updates });
        aggregate(plugin, strategy, { global, state }, 1, updates);
        assert.deepEqual({ global, state, updates }, before, 'aggregate changed its arguments.');
      },
    },
    {
      title: 'gives the same for the same updates',
      run: async () => {
        const [first, second] = [play(plugin, await create(), rounds), play(plugin, await create(), rounds)];
        assert.deepEqual(second, first, 'The same rounds came out otherwise.');
      },
    },
    {
      title: 'keeps its state as plain data',
      run: async () => {
        for (const { state } of play(plugin, await create(), rounds)) assertPlainData(state, 'state');
      },
    },
    {
      title: 'goes on from its state alone, as after an interruption',
      run: async () => {
        const whole = play(plugin, await create(), rounds);
        const [first] = whole;
        const resumed = await create();
        resumed.init?.({ global: start });
        const rest = play(plugin, resumed, rounds.slice(1), updatesOf, structuredClone(first));
        assert.deepEqual(rest, whole.slice(1), 'It remembers something that is not in its state.');
      },
    },
    {
      title: 'has a client rule that compiles to the same program each time, if it has one',
      run: async () => {
        const { client: rule } = await create();
        if (rule === undefined) return;
        const options = await resolve();
        const parameters = linearModel.init(createRandom(1));
        const compile = () =>
          compileTraining({
            model: linearModel,
            modelName: 'linear',
            shape: linearShape,
            parameters,
            optimizer: gradientDescent(0.01),
            strategy: { rule, options },
          });
        const [first, second] = [await compile(), await compile()];
        assert.ok(Buffer.from(first.program).equals(second.program), 'Traced again, it became another program.');
        const trained = await first.train(parameters, 3);
        assert.deepEqual(shapesOf(trained.parameters), shapesOf(parameters));
      },
    },
    ...claimChecks(plugin, create, setup.claims ?? {}),
  ];
}

function claimChecks(
  plugin: StrategyPlugin,
  create: () => Promise<Strategy>,
  { still = false, unanimous = false, symmetric = false }: StrategyClaims,
): readonly ConformanceCheck[] {
  const checks: ConformanceCheck[] = [];
  const first = async (updates: readonly Update[]) =>
    play(plugin, await create(), [1], () => updates).at(0)?.global ?? {};
  if (still)
    checks.push({
      title: 'stays where it is if no client moved',
      run: async () => {
        const rest = updatesOf(1).map((update) => ({ ...update, delta: zerosLike(update.delta) }));
        assertClose(await first(rest), start);
      },
    });
  if (unanimous)
    checks.push({
      title: 'moves by the update that all clients agree on',
      run: async () => {
        const delta = randomParameters(shapes, 7);
        const agreed = updatesOf(1).map((update) => ({ ...update, delta }));
        assertClose(await first(agreed), add(start, delta));
      },
    });
  if (symmetric)
    checks.push({
      title: 'makes no difference between clients',
      run: async () => {
        const updates = updatesOf(1);
        const swapped = updates.map((update) => ({ ...update, client: updates.length - 1 - update.client }));
        assertClose(await first(swapped), await first(updates));
      },
    });
  return checks;
}

interface Server {
  readonly global: Parameters;
  readonly state: unknown;
}

/** Some rounds after each other; what the server has after each. */
function play(
  plugin: StrategyPlugin,
  strategy: Strategy,
  played: readonly number[],
  send: (round: number) => readonly Update[] = updatesOf,
  from?: Server,
): readonly Server[] {
  let server: Server = from ?? { global: start, state: strategy.init?.({ global: start }) };
  return played.map((round) => {
    server = aggregate(plugin, strategy, server, round, send(round));
    return server;
  });
}

function aggregate(
  { name: strategyName }: StrategyPlugin,
  strategy: Strategy,
  { global, state }: Server,
  round: number,
  sent: readonly Update[],
): Server {
  const updates = createUpdates(sent, strategy.weights ?? 'examples');
  const step = () => strategy.aggregate({ global, state, updates, round });
  return checkedAggregate({ name: 'conformance', strategyName }, step, global, round);
}

function assertClose(actual: Parameters, expected: Parameters): void {
  const difference = norm(subtract(actual, expected));
  assert.ok(
    difference <= TOLERANCE * (1 + norm(expected)),
    `The global parameters are ${difference} away from where they should be.`,
  );
}
