import { describe, expect, it } from 'vitest';
import { openCompiled, relativeDistance, runEager } from '../../testing/run-loop.js';
import { carried, FEATURES, inputs, type TwoLayers, twoLayers, UNITS } from '../../testing/two-layers.js';
import { traceLoop } from '../loop.js';
import { optimise } from '../passes/index.js';

const short = twoLayers({ isShort: true });

const deferredIn = (layers: TwoLayers): readonly string[] =>
  optimise(traceLoop(twoLayers(layers))).deferred.map(({ name }) => name);

describe('updates that wait for the end of a short loop', () => {
  it.each([1, 2, 4])('give after %i steps what plain tfjs gives', async (steps) => {
    const [compiled, eager] = [await (await openCompiled(short))(inputs(steps)), await runEager(short, inputs(steps))];
    const start = inputs(steps).carried;
    for (const name of Object.keys(carried)) {
      expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThan(1e-6);
      expect(relativeDistance(compiled.carried[name], start[name]), name).toBeGreaterThan(1e-3);
    }
    expect(relativeDistance(compiled.stacked['losses'], eager.stacked['losses'])).toBeLessThan(1e-5);
  });

  it('are those of the first layer alone, in a loop that is said to be short', () => {
    expect(deferredIn({ isShort: true })).toEqual(['carried/wide']);
    expect(deferredIn({ isShort: false })).toEqual([]);
  });

  it('are not those of wide batches', () => {
    expect(deferredIn({ isShort: true, batchSize: 17 })).toEqual([]);
  });

  it('are not those of a matrix that a step needs for more than its product', () => {
    expect(deferredIn({ isShort: true, decay: 0.01 })).toEqual([]);
  });

  it('leave nothing of the size of the matrix in a step', () => {
    const { body } = optimise(traceLoop(short));
    expect(
      Object.values(body).every(({ shape }) => shape.reduce((size, axis) => size * axis, 1) < FEATURES * UNITS),
    ).toBe(true);
  });
});
