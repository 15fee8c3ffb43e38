import { describe, expect, it } from 'vitest';
import { models, trainingLoopOf } from '../../testing/corpus/index.js';
import { type Builder, createBuilder, type Value } from '../ir/index.js';
import { traceLoop } from '../loop.js';
import { simplifyLoop } from '../passes/index.js';
import { isDense } from './is-dense.js';

describe('isDense', () => {
  it('is true of the models of matrix products alone', () => {
    const dense = models.filter((model) => isDense(simplifyLoop(traceLoop(trainingLoopOf(model))).body));
    expect(dense.map(({ name }) => name)).toEqual(['mlp']);
  });

  it.each<[string, (b: Builder) => Value]>([
    ['draws', (b) => b.make('window', [b.input('noise', [64], 'float32'), b.input('key', [1], 'int32')], { size: 4 })],
    ['has a large constant', (b) => b.constant(new Float32Array(2 ** 15), [2 ** 13, 4])],
    [
      'gathers from what it made',
      (b) =>
        b.make('gather', [b.make('relu', [b.input('x', [4], 'float32')], {}), b.input('i', [4], 'int32')], { axis: 0 }),
    ],
  ])('is false of a body that %s', (_, other) => {
    const b = createBuilder();
    const x = b.input('x', [4, 4], 'float32');
    const product = b.make('matmul', [x, x], { transposeA: false, transposeB: false, alpha: 1 });
    expect(isDense({ product })).toBe(true);
    expect(isDense({ product, other: other(b) })).toBe(false);
  });
});
