import type * as tfjs from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { print } from './ir/index.js';
import { type LoopDefinition, traceLoop } from './loop.js';

const loop = (step: LoopDefinition['step']): LoopDefinition => ({
  batchSize: 4,
  tables: [
    { name: 'inputs', rows: 9, rowShape: [2, 3], as: { dtype: 'float32', scale: 0.5 }, content: new Uint8Array(54) },
    { name: 'labels', rows: 9, rowShape: [], as: { dtype: 'int32' }, content: new Uint8Array(9) },
  ],
  carried: [{ name: 'mean', shape: [2, 3] }],
  constants: [],
  step,
});

describe('traceLoop', () => {
  it('hands the step a batch of each table: inputs scaled to float32, labels as integers', () => {
    const seen: (readonly [string, readonly number[]])[] = [];
    const { body } = traceLoop(
      loop(({ batch, carried, weights }) => {
        for (const tensor of [batch['inputs'], batch['labels'], weights])
          seen.push([tensor?.dtype ?? '', tensor?.shape ?? []]);
        return { carried, stacked: { inputs: batch['inputs'] as tfjs.Tensor } };
      }),
    );
    expect(seen).toEqual([
      ['float32', [4, 2, 3]],
      ['int32', [4]],
      ['float32', [4]],
    ]);
    expect(Object.keys(body)).toEqual(['carried/mean', 'stacked/inputs']);
    expect(print(body)).toContain('constant() [0.5] : float32[]');
  });

  it.each<readonly [string, LoopDefinition['step'], string]>([
    [
      'another shape',
      ({ tf, batch }) => ({ carried: { mean: tf.mean(batch['inputs'] as tfjs.Tensor) }, stacked: {} }),
      'mean has shape [2, 3], but the step makes [] of it',
    ],
    ['nothing', () => ({ carried: {}, stacked: {} }), 'mean has shape [2, 3], but the step makes [nothing] of it'],
  ])('refuses a step that makes %s of what it carries', (_, step, message) => {
    expect(() => traceLoop(loop(step))).toThrow(
      expect.objectContaining({ code: 'COMPILE_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
