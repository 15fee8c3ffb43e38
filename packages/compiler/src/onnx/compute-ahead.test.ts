import { describe, expect, it } from 'vitest';
import { createBuilder, print, topologicalOrder, type Value } from '../ir/index.js';
import { computeAhead } from './compute-ahead.js';

const flags = { transposeA: false, transposeB: false, alpha: 1 };

/** Of four rows a step: their labels among three classes, and the shares that the learning rate gives them. */
function schedule() {
  const b = createBuilder();
  const rows = b.input('rows', [4], 'int32');
  const labels = b.make('gather', [b.input('table/labels', [90], 'uint8'), rows], { axis: 0 });
  const targets = b.make('oneHot', [b.make('cast', [labels], { dtype: 'int32' })], { depth: 3, on: 1, off: 0 });
  const rate = b.make('mul', [b.input('per-step/decay', [], 'float32'), b.input('constant/rate', [], 'float32')], {});
  const shares = b.make('mul', [b.input('weights', [4], 'float32'), rate], {});
  return { b, rows, targets, shares };
}

const operations = (graph: Readonly<Record<string, Value>>): string[] => topologicalOrder(graph).map(({ op }) => op);

describe('computeAhead', () => {
  it('takes what follows from the schedule out of the step', () => {
    const { b, targets, shares } = schedule();
    const w = b.input('carried/w', [3, 3], 'float32');
    const scaled = b.make('mul', [targets, b.make('reshape', [shares], { shape: [4, 1] })], {});
    const { body, ahead } = computeAhead({
      'carried/w': b.make('matmul', [b.make('reshape', [scaled], { shape: [3, 4] }), scaled], flags),
      'stacked/w': w,
    });
    expect(operations(body).sort()).toEqual(['input', 'input', 'input', 'matmul']);
    expect(Object.values(ahead).map(({ shape }) => shape)).toEqual([
      [3, 4],
      [4, 3],
    ]);
  });

  it('gives an operand as many axes as the result, so that the axis of the steps comes first in both', () => {
    const { b, shares } = schedule();
    const { ahead } = computeAhead({ 'stacked/x': b.make('exp', [shares], {}) });
    expect(print(ahead)).toContain('reshape(%3) {"shape":[1]} : float32[1]');
  });

  it('leaves in the step what depends on the parameters, is large, or might be rounded by its place in memory', () => {
    const { b, rows, shares } = schedule();
    const large = b.make('gather', [b.input('table/inputs', [90, 200], 'uint8'), rows], { axis: 0 });
    const graph = {
      'carried/w': b.make('mul', [b.input('carried/w', [4], 'float32'), shares], {}),
      'stacked/large': b.make('cast', [large], { dtype: 'float32' }),
      'stacked/rounded': b.make('exp', [shares], {}),
      'stacked/sum': b.make('reduceSum', [shares], { axes: [0], keepDimensions: false }),
    };
    const { body } = computeAhead(graph);
    expect(operations(body).filter((op) => op !== 'input')).toEqual(['mul', 'gather', 'cast', 'exp', 'reduceSum']);
  });

  it('keeps a step in which nothing follows from the schedule', () => {
    const b = createBuilder();
    const graph = { 'carried/w': b.make('neg', [b.input('carried/w', [4], 'float32')], {}) };
    const { body, ahead } = computeAhead(graph);
    expect(print(body)).toBe(print(graph));
    expect(ahead).toEqual({});
  });
});
