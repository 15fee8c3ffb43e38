import type {
  ParameterInfo,
  Parameters,
  RoundCall,
  Strategy,
  StrategyPlugin,
  Tree,
  Update,
} from '../contracts/index.js';
import { checkedAggregate, createUpdates } from '../experiment/index.js';
import { add, norm, pick, scale } from '../parameters/index.js';
import { randomParameters } from './random-parameters.js';

/** What the server and the clients have after a round. */
export interface Federation {
  readonly global: Parameters;
  readonly state: unknown;
  /** What each client's side of the strategy keeps. */
  readonly clientStates: readonly Tree[];
}

/** What a client's local training came to; the strategy's own side is played on top. */
export interface LocalWork {
  readonly client: number;
  /** Local minus start parameters. */
  readonly delta: Parameters;
  readonly examples: number;
  readonly steps: number;
}

/** Parameters of the model that the strategy sees, one of them a statistic. */
export const parameterInfos: readonly ParameterInfo[] = [
  { name: 'dense-1/kernel', shape: [4, 3], role: 'weight' },
  { name: 'dense-1/bias', shape: [3], role: 'weight' },
  { name: 'gain', shape: [], role: 'weight' },
  { name: 'norm/mean', shape: [3], role: 'statistic' },
];

/** Names and shapes of all of them. */
export const modelShapes: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
  parameterInfos.map(({ name, shape }) => [name, shape]),
);

const trainedNames = parameterInfos.filter(({ role }) => role === 'weight').map(({ name }) => name);
const initial = randomParameters(modelShapes, 1);
const LEARNING_RATE = 0.1;

/** Clients of the federation. */
export const POPULATION = 5;

/** Before round 1. */
export function startOf(strategy: Strategy): Federation {
  const global = pick(
    initial,
    parameterInfos.filter((info) => strategy.shared?.(info, parameterInfos) ?? true).map(({ name }) => name),
  );
  const state = strategy.init?.({ global, parameters: parameterInfos, clients: POPULATION });
  const clientState = () => strategy.client?.init?.({ global: initial, trained: pick(initial, trainedNames) }) ?? {};
  return { global, state, clientStates: Array.from({ length: POPULATION }, clientState) };
}

/** What the server's hooks see in a round. */
function callOf({ global, state }: Pick<Federation, 'global' | 'state'>, round: number): RoundCall<unknown> {
  return { global, state, round, parameters: parameterInfos, clients: POPULATION, learningRate: LEARNING_RATE };
}

/** What the cohort gets in a round beside the global parameters. */
export function broadcastOf(strategy: Strategy, { global, state }: Federation, round: number): Tree {
  return strategy.broadcast?.(callOf({ global, state }, round)) ?? {};
}

/** A round in which the clients' local training came to `work`. What the strategy returns is checked as in a run. */
export async function playRound(
  { name: strategyName }: StrategyPlugin,
  strategy: Strategy,
  before: Federation,
  round: number,
  work: readonly LocalWork[],
): Promise<Federation & { readonly updates: readonly Update[] }> {
  const { global, state } = before;
  const broadcast = broadcastOf(strategy, before, round);
  const clientStates = [...before.clientStates];
  const updates: Update[] = [];
  for (const { client, delta, examples, steps } of work) {
    const start = { ...initial, ...global };
    const end = await strategy.client?.end?.({
      global: start,
      local: add(start, delta),
      broadcast,
      state: before.clientStates[client] ?? {},
      steps,
      examples,
      learningRate: LEARNING_RATE,
      overData: (at) => Promise.resolve({ loss: 1 + client, gradient: scale(pick(at, trainedNames), 0.1) }),
    });
    clientStates[client] = end?.state ?? before.clientStates[client] ?? {};
    const sent = pick(delta, Object.keys(global));
    updates.push({
      client,
      delta: sent,
      norm: norm(sent),
      report: end?.report,
      examples,
      steps,
      complete: true,
    });
  }
  const received = createUpdates(updates, strategy.weights ?? 'examples');
  const call = { ...callOf({ global, state }, round), updates: received };
  const arm = { name: 'conformance', strategyName };
  const next = checkedAggregate(arm, () => strategy.aggregate(call), global, round);
  return { global: next.global, state: next.state, clientStates, updates };
}
