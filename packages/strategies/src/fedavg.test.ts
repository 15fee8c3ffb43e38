import type { PluginContext, StrategyContext, Update } from '@fedx/core';
import { createUpdates } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fedavg } from './fedavg.js';

const strategy = fedavg.create({}, {} as PluginContext & StrategyContext);

const weights = (...values: number[]) => ({ w: { shape: [values.length], data: Float32Array.from(values) } });
const update = (client: number, examples: number, ...delta: number[]): Update<undefined> => ({
  client,
  examples,
  steps: 1,
  complete: true,
  delta: weights(...delta),
  norm: Math.hypot(...delta),
  report: undefined,
});

const aggregate = (global: number[], items: readonly Update<undefined>[]): number[] => {
  const next = strategy.aggregate({
    global: weights(...global),
    state: undefined,
    updates: createUpdates(items, 'examples'),
    round: 1,
    parameters: [],
    clients: 10,
    learningRate: 0.1,
  });
  return [...(next.global.w?.data ?? [])];
};

describe('fedavg', () => {
  it('asks for updates to be weighted by examples', () => {
    expect(strategy.weights).toBe('examples');
  });

  it('adds the mean update, weighted by examples', () => {
    // (30 * 4 + 10 * -8) / 40 = 1
    expect(aggregate([10, 20], [update(0, 30, 4, 0), update(1, 10, -8, 4)])).toEqual([11, 21]);
  });

  it('takes over the local parameters of a single client', () => {
    expect(aggregate([1], [update(3, 7, 2)])).toEqual([3]);
  });

  it('keeps the global parameters where no client moved', () => {
    const clients = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), clients, (value, examples) => {
        expect(
          aggregate(
            [value],
            examples.map((count, client) => update(client, count, 0)),
          ),
        ).toEqual([value + 0]);
      }),
    );
  });
});
