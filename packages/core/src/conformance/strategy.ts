import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OptionsSchema, Parameters, Strategy, StrategyPlugin, Tree } from '../contracts/index.js';
import { add, norm, pick, subtract, zerosLike } from '../parameters/index.js';
import { createPlugin } from '../plugins/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { linearModel, linearShape } from './linear-model.js';
import { compileTraining, gradientDescent, type StrategyPart } from './local-training.js';
import { assertPlainData } from './plain-data.js';
import { randomParameters, shapesOf } from './random-parameters.js';
import {
  broadcastOf,
  type Federation,
  type LocalWork,
  modelShapes,
  POPULATION,
  parameterInfos,
  playRound,
  startOf,
} from './simulated-federation.js';

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

type Create = () => Promise<Strategy>;
type Send = (round: number) => readonly LocalWork[];

const rounds = [1, 2, 3];
const CLIENTS = 5;
/** Relative to the norm of the parameters: sums may take another order. */
const TOLERANCE = 1e-5;

/** What the clients come to in a round: other deltas, sizes and numbers of steps. A client has at least one example. */
function workOf(round: number): readonly LocalWork[] {
  return [600, 20, 1, 350, 75].map((examples, client) => {
    const delta = randomParameters(modelShapes, 10 * round + client);
    return { client, delta, examples, steps: Math.ceil(examples / 32) };
  });
}

/**
 * What every strategy must do: keep names and shapes, leave its arguments alone, be repeatable, keep all that it
 * remembers in its state as plain data, and have client rules that compile and train; and what it claims.
 */
export function strategyConformance<
  Schema extends OptionsSchema,
  State,
  Broadcast extends Tree,
  ClientState extends Tree,
  Report,
>(
  plugin: StrategyPlugin<Schema, State, Broadcast, ClientState, Report>,
  setup?: StrategySetup<Schema>,
): readonly ConformanceCheck[];
export function strategyConformance(plugin: StrategyPlugin, setup: StrategySetup = {}): readonly ConformanceCheck[] {
  const resolve = () => resolveOptions(plugin, setup.options ?? {});
  const create: Create = async () => {
    const options = await resolve();
    return createPlugin(plugin, () =>
      plugin.create(options, {
        random: createRandom(1).at('strategy'),
        log: () => undefined,
        signal: new AbortController().signal,
        cache: join(tmpdir(), 'fedx-conformance'),
        optimizer: { use: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0 },
      }),
    );
  };
  const parts: Readonly<Record<string, (strategy: Strategy) => StrategyPart['rule'] | undefined>> = {
    'client rule': ({ client }) => client,
    'rule for personal models': ({ personal }) => personal,
  };
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'shares some parameters, and weighs by examples or uniformly',
      run: async () => {
        const strategy = await create();
        assert.ok([undefined, 'examples', 'uniform'].includes(strategy.weights), 'weights is examples or uniform.');
        const shared = parameterInfos.filter((info) => strategy.shared?.(info, parameterInfos) ?? true);
        assert.ok(shared.length > 0, 'No parameter goes to the server.');
      },
    },
    {
      title: 'keeps the names and shapes of the parameters, and their values finite',
      run: async () => {
        const strategy = await create();
        const { global } = startOf(strategy);
        for (const after of await play(plugin, strategy, rounds)) {
          assert.deepEqual(shapesOf(after.global), shapesOf(global));
        }
      },
    },
    {
      title: 'aggregates the smallest cohort that it is for',
      run: async () => {
        const strategy = await create();
        const { clients } = strategy.leastCohort ?? { clients: 1 };
        assert.ok(clients < CLIENTS, `It needs ${clients} clients: give options with which ${CLIENTS - 1} are enough.`);
        await play(plugin, strategy, rounds, (round) => workOf(round).slice(1, 1 + clients));
      },
    },
    {
      title: 'bears no attackers at all, and fewer wherever it bears more, if it is robust',
      run: async () => {
        const { robustness } = await create();
        if (robustness === undefined) return;
        const borne = Array.from({ length: CLIENTS + 1 }, (_, attackers) =>
          robustness.bears({ clients: CLIENTS, attackers, weight: attackers / CLIENTS }),
        );
        assert.equal(borne[0], true, 'It does not bear a round without attackers.');
        assert.ok(
          borne.every((one, attackers) => !one || borne.slice(0, attackers).every(Boolean)),
          'It bears some number of attackers, but not fewer.',
        );
        assert.equal(borne[CLIENTS], false, 'It bears a round of attackers alone.');
      },
    },
    {
      title: 'leaves what it is given as it was',
      run: async () => {
        const strategy = await create();
        const start = startOf(strategy);
        const work = workOf(1);
        const before = structuredClone({ start, work });
        await playRound(plugin, strategy, start, 1, work);
        assert.deepEqual({ start, work }, before, 'It changed its arguments.');
      },
    },
    {
      title: 'gives the same for the same updates',
      run: async () => {
        const [first, second] = [
          await play(plugin, await create(), rounds),
          await play(plugin, await create(), rounds),
        ];
        assert.deepEqual(second, first, 'The same rounds came out otherwise.');
      },
    },
    {
      title: 'keeps its state, and what travels and stays with clients, as plain data',
      run: async () => {
        const strategy = await create();
        assertPlainData(broadcastOf(strategy, startOf(strategy), 1), 'broadcast');
        for (const { state, clientStates, updates } of await play(plugin, strategy, rounds)) {
          assertPlainData(state, 'state');
          clientStates.forEach((own) => {
            assertPlainData(own, 'client state');
          });
          updates.forEach(({ report }) => {
            assertPlainData(report, 'report');
          });
        }
      },
    },
    {
      title: 'goes on from its state alone, as after an interruption',
      run: async () => {
        const whole = await play(plugin, await create(), rounds);
        const [first] = whole;
        const resumed = await create();
        startOf(resumed);
        const rest = await play(plugin, resumed, rounds.slice(1), workOf, structuredClone(first));
        assert.deepEqual(rest, whole.slice(1), 'It remembers something that is not in its state.');
      },
    },
    ...Object.entries(parts).map(([what, part]) => ({
      title: `has a ${what} that compiles to the same program each time, if it has one`,
      run: async () => {
        const strategy = await create();
        const rule = part(strategy);
        if (rule !== undefined) await checkRule(strategy, rule, what === 'client rule', await resolve());
      },
    })),
    ...claimChecks(plugin, create, setup.claims ?? {}),
  ];
}

/** Compiles a rule twice and takes a few steps with it, for a model that has no statistics. */
async function checkRule(
  strategy: Strategy,
  rule: StrategyPart['rule'],
  isClient: boolean,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const parameters = linearModel.init(createRandom(1));
  const infos = Object.entries(parameters).map(([name, { shape }]) => ({ name, shape, role: 'weight' as const }));
  const shared = infos.filter((info) => strategy.shared?.(info, infos) ?? true).map(({ name }) => name);
  const global = pick(parameters, shared);
  const state = strategy.init?.({ global, parameters: infos, clients: POPULATION });
  const strategyPart: StrategyPart = {
    rule,
    options,
    broadcast:
      strategy.broadcast?.({ global, state, round: 1, parameters: infos, clients: POPULATION, learningRate: 0.1 }) ??
      {},
    state: (isClient ? strategy.client?.init?.({ global: parameters, trained: parameters }) : undefined) ?? {},
  };
  const compile = () =>
    compileTraining({
      model: linearModel,
      modelName: 'linear',
      shape: linearShape,
      parameters,
      optimizer: gradientDescent(0.01),
      strategy: strategyPart,
    });
  const [first, second] = [await compile(), await compile()];
  assert.ok(Buffer.from(first.program).equals(second.program), 'Traced again, it became another program.');
  const trained = await first.train(parameters, 3);
  assert.deepEqual(shapesOf(trained.parameters), shapesOf(parameters));
}

function claimChecks(
  plugin: StrategyPlugin,
  create: Create,
  { still = false, unanimous = false, symmetric = false }: StrategyClaims,
): readonly ConformanceCheck[] {
  const first = async (change: (work: LocalWork) => LocalWork) => {
    const strategy = await create();
    const { global: before } = startOf(strategy);
    const [after] = await play(plugin, strategy, [1], () => workOf(1).map(change));
    return { before, after: after?.global ?? {} };
  };
  const agreed = randomParameters(modelShapes, 7);
  const checks: ConformanceCheck[] = [];
  if (still)
    checks.push({
      title: 'stays where it is if no client moved',
      run: async () => {
        const { before, after } = await first((work) => ({ ...work, delta: zerosLike(work.delta) }));
        assertClose(after, before);
      },
    });
  if (unanimous)
    checks.push({
      title: 'moves by the update that all clients agree on',
      run: async () => {
        const { before, after } = await first((work) => ({ ...work, delta: agreed }));
        assertClose(after, add(before, pick(agreed, Object.keys(before))));
      },
    });
  if (symmetric)
    checks.push({
      title: 'makes no difference between clients',
      run: async () => {
        const { after } = await first((work) => work);
        const swapped = await first((work) => ({ ...work, client: POPULATION - 1 - work.client }));
        assertClose(swapped.after, after);
      },
    });
  return checks;
}

/** Some rounds after each other; what there is after each. */
async function play(
  plugin: StrategyPlugin,
  strategy: Strategy,
  played: readonly number[],
  send: Send = workOf,
  from: Federation = startOf(strategy),
): Promise<readonly Awaited<ReturnType<typeof playRound>>[]> {
  const after: Awaited<ReturnType<typeof playRound>>[] = [];
  for (const round of played) after.push(await playRound(plugin, strategy, after.at(-1) ?? from, round, send(round)));
  return after;
}

function assertClose(actual: Parameters, expected: Parameters): void {
  const difference = norm(subtract(actual, expected));
  assert.ok(
    difference <= TOLERANCE * (1 + norm(expected)),
    `The global parameters are ${difference} away from where they should be.`,
  );
}
