import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoopDefinition } from '@fedx/compiler';
import { FedxError } from '../errors/index.js';
import type { Engine } from './engine.js';

const TABLE = 'inputs.u8';

/** One step on the loss (w x)^2 with x = 3, from a file of one byte. */
const loop: LoopDefinition = {
  batchSize: 1,
  tables: [
    { name: 'x', rows: 1, rowShape: [1], as: { dtype: 'float32', scale: 1 }, content: { file: TABLE, offset: 0 } },
  ],
  carried: [{ name: 'w', shape: [1] }],
  constants: [{ name: 'rate', shape: [] }],
  step({ tf, carried, constants, batch }) {
    const [w, x, rate] = [carried['w'], batch['x'], constants['rate']];
    if (w === undefined || x === undefined || rate === undefined)
      throw new FedxError('FEDX_INTERNAL', 'An engine did not hand a step its tensors.');
    const gradient = tf.grad((value) => tf.sum(tf.square(tf.mul(tf.reshape(x, [1]), value))))(w);
    return { carried: { w: tf.sub(w, tf.mul(rate, gradient)) }, stacked: {} };
  },
};

/**
 * Compiles and trains one step on an engine, from end to end: from w = 2 at rate 0.1, the gradient 2 w x^2 = 36 leads to
 * w = -1.6. Throws FEDX_ENGINE_UNAVAILABLE where it leads elsewhere, and whatever the engine throws.
 */
export async function tryEngine(
  open: (options: {
    readonly workers: number;
    readonly signal: AbortSignal;
    readonly directory: string;
    readonly writeFile: (path: string, content: Uint8Array | string) => Promise<void>;
  }) => Engine,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fedx-try-'));
  await writeFile(join(directory, TABLE), Uint8Array.of(3));
  const engine = open({ workers: 1, signal: new AbortController().signal, directory, writeFile });
  try {
    const { carried } = await engine.run({
      program: await engine.compile(loop),
      carried: { w: { shape: [1], data: Float32Array.of(2) } },
      constants: { rate: { shape: [], data: Float32Array.of(0.1) } },
      schedules: [{ rows: Uint32Array.of(0), epochs: 1, lastBatch: 'keep' }],
      priority: 0,
    });
    const w = carried['w']?.data[0] ?? Number.NaN;
    if (!(Math.abs(w + 1.6) < 1e-5))
      throw new FedxError('FEDX_ENGINE_UNAVAILABLE', `A training step on ${engine.name} gave ${w} instead of -1.6.`);
  } finally {
    await engine.close();
    await rm(directory, { recursive: true });
  }
}
