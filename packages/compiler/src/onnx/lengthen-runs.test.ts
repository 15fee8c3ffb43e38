import { describe, expect, it } from 'vitest';
import { createBuilder, print } from '../ir/index.js';
import { lengthenRuns } from './lengthen-runs.js';

describe('lengthenRuns', () => {
  it('writes out what stands for the channels of a group each', () => {
    const b = createBuilder();
    const [x, mean] = [b.input('x', [20, 784, 32, 2], 'float32'), b.input('mean', [20, 1, 32, 1], 'float32')];
    const wide = b.make('broadcast', [mean], { shape: [20, 1, 32, 2] });
    expect(print(lengthenRuns({ y: b.make('sub', [x, mean], {}) }))).toBe(print({ y: b.make('sub', [x, wide], {}) }));
    expect(print(lengthenRuns({ y: b.make('sub', [mean, x], {}) }))).toBe(print({ y: b.make('sub', [wide, x], {}) }));
  });

  it.each([
    ['is not broadcast', [20, 784, 32, 2]],
    ['lies in a row', [32, 2]],
    ['is a scalar', []],
    ['is one number an example, of many elements', [20, 1, 1, 1]],
    ['would be written out to half of the result', [20, 392, 32, 1]],
  ])('leaves an operand as it is that %s', (_, shape) => {
    const b = createBuilder();
    const rows = shape[1] === 392 ? 392 : 784;
    const before = {
      y: b.make('mul', [b.input('x', [20, rows, 32, 2], 'float32'), b.input('other', shape, 'float32')], {}),
    };
    expect(print(lengthenRuns(before))).toBe(print(before));
  });

  it('repeats a few numbers that come again and again', () => {
    const b = createBuilder();
    const [x, bias] = [b.input('x', [20, 300, 6], 'float32'), b.input('bias', [6], 'float32')];
    const rows = b.make('broadcast', [b.make('reshape', [bias], { shape: [1, 6] })], { shape: [12, 6] });
    const sum = b.make(
      'add',
      [b.make('reshape', [x], { shape: [500, 72] }), b.make('reshape', [rows], { shape: [1, 72] })],
      {},
    );
    const after = { y: b.make('reshape', [sum], { shape: [20, 300, 6] }) };
    expect(print(lengthenRuns({ y: b.make('add', [x, bias], {}) }))).toBe(print(after));
  });

  it('leaves few runs as they are', () => {
    const b = createBuilder();
    const before = { y: b.make('add', [b.input('x', [32, 10], 'float32'), b.input('bias', [10], 'float32')], {}) };
    expect(print(lengthenRuns(before))).toBe(print(before));
  });

  it('sums over the axes before the last first, where that is short and lies apart', () => {
    const b = createBuilder();
    const x = b.input('x', [20, 784, 32, 2], 'float32');
    const rows = b.make('reduceMean', [x], { axes: [1], keepDimensions: true });
    const mean = b.make('reduceMean', [rows], { axes: [3], keepDimensions: true });
    const before = { mean: b.make('reduceMean', [x], { axes: [1, 3], keepDimensions: false }) };
    expect(print(lengthenRuns(before))).toBe(print({ mean: b.make('reshape', [mean], { shape: [20, 32] }) }));
  });

  it.each([[[3]], [[2, 3]], [[0, 1]]])('leaves a sum over the axes %j as it is', (axes) => {
    const b = createBuilder();
    const x = b.input('x', [20, 784, 32, 2], 'float32');
    const before = { sum: b.make('reduceSum', [x], { axes, keepDimensions: true }) };
    expect(print(lengthenRuns(before))).toBe(print(before));
  });
});
