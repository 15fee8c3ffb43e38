/** Rounds of a strategy's server that are small enough to be worked out by hand. */
import {
  type Aggregated,
  type ParameterInfo,
  type Parameters,
  parameters as p,
  type Strategy,
  type Update,
} from '@fedx/core';
import { createUpdates } from '@fedx/core/testing';
import { expect } from 'vitest';

export const context = { optimizer: { use: 'sgd', learningRate: 0.1, momentum: 0 } } as never;
export const weight = (...values: number[]): Parameters => ({
  w: { shape: [values.length], data: Float32Array.from(values) },
});
export const infos: readonly ParameterInfo[] = [
  { name: 'w', shape: [2], role: 'weight' },
  { name: 'mean', shape: [1], role: 'statistic' },
];

export interface Sent {
  readonly delta: Parameters;
  readonly examples?: number;
  readonly steps?: number;
  readonly report?: unknown;
}

interface Call {
  readonly global?: Parameters;
  readonly state?: unknown;
  readonly clients?: number;
  readonly learningRate?: number;
  /** `server.weights` of the spec. */
  readonly weights?: 'examples' | 'uniform';
}

/** The next global parameters and state. */
export function aggregate(made: unknown, sent: readonly Sent[], call: Call = {}): Aggregated<unknown> {
  const strategy = made as Strategy;
  const updates: Update[] = sent.map(({ delta, examples = 1, steps = 1, report }, client) => ({
    client,
    delta,
    norm: p.norm(delta),
    examples,
    steps,
    complete: true,
    report,
  }));
  const global = call.global ?? weight(0, 0);
  const base = { global, parameters: infos, clients: call.clients ?? sent.length };
  const state = call.state ?? strategy.init?.(base);
  const learningRate = call.learningRate ?? 0.1;
  return strategy.aggregate({
    ...base,
    state,
    round: 1,
    learningRate,
    updates: createUpdates(updates, call.weights ?? strategy.weights ?? 'examples'),
  });
}

export const values = ({ global }: { readonly global: Parameters }, name = 'w'): number[] => [
  ...(global[name]?.data ?? []),
];
export const near = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
  });
};

/** Weighted mean (3 * 1 + 1 * 5) / 4 = 2 and (3 * -1 + 1 * 3) / 4 = 0. */
export const two: readonly Sent[] = [
  { delta: weight(1, -1), examples: 3 },
  { delta: weight(5, 3), examples: 1 },
];
