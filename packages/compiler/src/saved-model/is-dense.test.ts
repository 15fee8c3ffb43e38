import { describe, expect, it } from 'vitest';
import { models, trainingLoopOf } from '../../testing/corpus/index.js';
import { traceLoop } from '../loop.js';
import { simplifyLoop } from '../passes/index.js';
import { isDense } from './is-dense.js';

describe('isDense', () => {
  it('is true of the models of matrix products alone', () => {
    const dense = models.filter((model) => isDense(simplifyLoop(traceLoop(trainingLoopOf(model)))));
    expect(dense.map(({ name }) => name)).toEqual(['mlp']);
  });
});
