import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoopDefinition, XlaOptions } from '@fedx/compiler';
import type { Tensor } from '@fedx/core';
import { describe, expect, it } from 'vitest';
import { createTensorflowEngine } from '../../packages/core/dist/engines/tensorflow/engine.js';
import { binding, found } from './run-on-tensorflow.js';

/** Least squares on five numbers; a step keeps its losses. */
const leastSquares: LoopDefinition = {
  batchSize: 2,
  tables: [
    { name: 'x', rows: 5, rowShape: [], as: { dtype: 'float32', scale: 0.1 }, content: Uint8Array.of(1, 2, 3, 4, 5) },
  ],
  carried: [{ name: 'w', shape: [] }],
  constants: [{ name: 'rate', shape: [] }],
  step({ tf, carried, constants, batch, weights }) {
    const losses = (w: Tensor): Tensor => tf.square(tf.sub(tf.mul(batch['x'] as Tensor, w), 1));
    const w = carried['w'] as Tensor;
    const gradient = tf.grad((value) => tf.sum(tf.mul(weights, losses(value))))(w);
    return { carried: { w: tf.sub(w, tf.mul(constants['rate'] as Tensor, gradient)) }, stacked: { losses: losses(w) } };
  },
};

/** 30 epochs of three steps: more than fit into the first call, and no power of two. */
async function train(xla?: XlaOptions) {
  const directory = await mkdtemp(join(tmpdir(), 'fedx-xla-'));
  const { signal } = new AbortController();
  const engine = createTensorflowEngine({ binding: found(), xla, workers: 1, signal, directory, writeFile });
  try {
    const outcome = await engine.run({
      program: await engine.compile(leastSquares),
      carried: { w: { shape: [], data: Float32Array.of(0) } },
      constants: { rate: { shape: [], data: Float32Array.of(0.1) } },
      schedules: [{ rows: Uint32Array.of(0, 1, 2, 3, 4), epochs: 30, lastBatch: 'keep' }],
      priority: 0,
    });
    // That of its process, which has TensorFlow in it.
    expect(engine.memoryBytes?.()).toBeGreaterThan(2 ** 26);
    return outcome;
  } finally {
    await engine.close();
    await rm(directory, { recursive: true });
  }
}

describe.skipIf(binding === undefined)('an engine that has XLA compile its loops', () => {
  it.each([true, false])(
    'does the steps that there are, however many it has room for (tables within: %s)',
    async (hasTables) => {
      const [compiled, executed] = [await train({ device: '/device:CPU:0', hasTables }), await train()];
      expect(compiled.ends).toMatchObject([{ steps: 90 }]);
      expect(compiled.carried['w']?.data[0]).toBeCloseTo(executed.carried['w']?.data[0] ?? Number.NaN, 6);
      const [losses, expected] = [compiled, executed].map(({ stacked }) => [...(stacked['losses'] ?? [])]);
      expect(losses).toHaveLength(150);
      losses?.forEach((loss, i) => {
        expect(loss).toBeCloseTo(expected?.[i] ?? Number.NaN, 6);
      });
    },
  );
});
