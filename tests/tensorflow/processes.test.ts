import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoopDefinition } from '@fedx/compiler';
import type { Tensor } from '@fedx/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../../packages/core/dist/engines/index.js';
import { createTensorflowEngine } from '../../packages/core/dist/engines/tensorflow/engine.js';
import { openProgram } from '../../packages/core/dist/engines/tensorflow/index.js';
import type { Job } from '../../packages/core/dist/runtime/index.js';
import { binding, found, tensorflow } from './run-on-tensorflow.js';

const INPUTS = 100;
const OUTPUTS = 60;
const CLIENTS = 6;

/** A layer of 6,000 weights that learns to give ones. */
const layer: LoopDefinition = {
  batchSize: 4,
  tables: [
    {
      name: 'x',
      rows: 20,
      rowShape: [INPUTS],
      as: { dtype: 'float32', scale: 1 / 255 },
      content: Uint8Array.from({ length: 20 * INPUTS }, (_, i) => (i * 37) % 256),
    },
  ],
  carried: [
    { name: 'w', shape: [INPUTS, OUTPUTS] },
    { name: 'b', shape: [OUTPUTS] },
  ],
  constants: [{ name: 'pull', shape: [INPUTS, OUTPUTS] }],
  step({ tf, carried, constants, batch, weights }) {
    const loss = (w: Tensor, b: Tensor): Tensor =>
      tf.sum(
        tf.square(
          tf.sub(tf.tanh(tf.add(tf.matMul(batch['x'] as Tensor, tf.add(w, constants['pull'] as Tensor)), b)), 1),
        ),
        1,
      );
    const { value, grads } = tf.valueAndGrads(loss)([carried['w'] as Tensor, carried['b'] as Tensor], weights);
    const [w, b] = ['w', 'b'].map((name, i) => tf.sub(carried[name] as Tensor, tf.mul(grads[i] as Tensor, 0.01)));
    return { carried: { w: w as Tensor, b: b as Tensor }, stacked: { loss: value } };
  },
};

const values = (shape: readonly number[], phase: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 0.1 * Math.sin(3 * i + phase)),
});

describe.skipIf(binding === undefined)('jobs whose tensors go to processes and back through a file', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedx-processes-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('give the bits that they give in this process, round after round', async () => {
    const { signal } = new AbortController();
    const engine = createTensorflowEngine({ binding: found(), workers: 2, signal, directory: folder, writeFile });
    onTestFinished(() => engine.close());
    const program = await engine.compile(layer);
    const here = await openProgram(tensorflow(), join(folder, `${program.id}.savedmodel`));
    const pull = values([INPUTS, OUTPUTS], 7);
    let global: Job['carried'] = { w: values([INPUTS, OUTPUTS], 0), b: values([OUTPUTS], 1) };
    for (let round = 0; round < 3; round++) {
      const jobs = Array.from(
        { length: CLIENTS },
        (_, client): Job => ({
          program,
          carried: global,
          // A client's own, and one that all share.
          constants: { pull: client === 0 ? values([INPUTS, OUTPUTS], 10 + round) : pull },
          schedules: [
            { rows: Uint32Array.from({ length: 9 }, (_, i) => (i + client) % 20), epochs: 2, lastBatch: 'keep' },
          ],
          result: { names: ['w', 'b'], asDifferences: round > 0, isReleased: round > 0 },
          priority: 0,
        }),
      );
      const outcomes = await Promise.all(jobs.map((job) => engine.run(job)));
      for (const [client, job] of jobs.entries()) {
        const expected = await here.run(job, () => false);
        expect(bits(outcomes[client]), `client ${client} in round ${round}`).toEqual(bits(expected));
      }
      const [first] = outcomes;
      global = {
        w: { shape: [INPUTS, OUTPUTS], data: Float32Array.from(first?.carried['w']?.data ?? []) },
        b: values([OUTPUTS], round),
      };
      for (const { release } of outcomes) release?.();
    }
  });
});

function bits(outcome: Awaited<ReturnType<Engine['run']>> | undefined): unknown {
  const { carried, stacked, ends } = outcome ?? { carried: {}, stacked: {}, ends: [] };
  const arrays = [carried['w']?.data, carried['b']?.data, stacked['loss']];
  return [
    ...arrays.map((array) => array && Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')),
    ends,
  ];
}
