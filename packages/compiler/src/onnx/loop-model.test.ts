import type * as tfjs from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { type LoopInputs, type NamedValues, openCompiled, relativeDistance, runEager } from '../../testing/run-loop.js';
import { imageTables, scattered } from '../../testing/tables.js';
import type { LoopDefinition } from '../loop.js';

type Activation = 'relu' | 'tanh' | 'sigmoid';

const BATCH = 8;
const EXAMPLES = 45;
const FEATURES = 24;
const CLASSES = 4;
/** The first layer is wide enough to be kept transposed, the others are not. */
const widths = [FEATURES, 20, 6, CLASSES];

const tables = imageTables(EXAMPLES, [6, 4], CLASSES);

const layers = widths
  .slice(1)
  .map((units, i) => ({ kernel: `kernel-${i}`, bias: `bias-${i}`, inputs: widths[i] ?? 0, units }));

const initial: NamedValues = Object.fromEntries(
  layers.flatMap(({ kernel, bias, inputs, units }, layer) => [
    [
      kernel,
      {
        shape: [inputs, units],
        data: Float32Array.from({ length: inputs * units }, (_, i) => scattered(i + 1000 * layer) - 0.5),
      },
    ],
    [bias, { shape: [units], data: new Float32Array(units) }],
  ]),
);

/** The same inputs as float32, with some of both signs. */
const floatTables = tables.map((table) =>
  table.name === 'inputs'
    ? {
        ...table,
        stored: 'float32' as const,
        as: { dtype: 'float32' as const, scale: 0.5 },
        content: new Uint8Array(
          Float32Array.from({ length: EXAMPLES * FEATURES }, (_, i) => 4 * scattered(i) - 2).buffer,
        ),
      }
    : table,
);

/** A step of stochastic gradient descent on a multilayer perceptron, as fedx trains one. */
function mlpLoop(activation: Activation, data = tables): LoopDefinition {
  const names = Object.keys(initial);
  const losses = (
    tf: typeof tfjs,
    values: Readonly<Record<string, tfjs.Tensor>>,
    batch: Readonly<Record<string, tfjs.Tensor>>,
  ): tfjs.Tensor => {
    let x = tf.reshape(batch['inputs'] as tfjs.Tensor, [-1, FEATURES]);
    layers.forEach(({ kernel, bias }, i) => {
      x = tf.add(tf.matMul(x, values[kernel] as tfjs.Tensor), values[bias] as tfjs.Tensor);
      if (i < layers.length - 1) x = tf[activation](x);
    });
    const labels = tf.oneHot(tf.cast(batch['labels'] as tfjs.Tensor, 'int32'), CLASSES);
    return tf.losses.softmaxCrossEntropy(labels, x, undefined, 0, tf.Reduction.NONE);
  };
  return {
    batchSize: BATCH,
    tables: data,
    carried: Object.entries(initial).map(([name, { shape }]) => ({ name, shape })),
    constants: [{ name: 'rate', shape: [] }],
    step({ tf, carried, constants, batch, weights }) {
      const named = (values: tfjs.Tensor[]) =>
        Object.fromEntries(names.map((name, i) => [name, values[i] as tfjs.Tensor]));
      const mean = (...values: tfjs.Tensor[]) => tf.sum(tf.mul(losses(tf, named(values), batch), weights)).asScalar();
      const gradients = named(tf.grads(mean)(names.map((name) => carried[name] as tfjs.Tensor)));
      const update = (name: string) =>
        tf.sub(carried[name] as tfjs.Tensor, tf.mul(constants['rate'] as tfjs.Tensor, gradients[name] as tfjs.Tensor));
      return {
        carried: Object.fromEntries(names.map((name) => [name, update(name)])),
        stacked: { losses: losses(tf, carried, batch) },
      };
    },
  };
}

/** `steps` batches over the examples in turn; the last of each epoch holds five examples and three fillers. */
function schedule(steps: number, filler = 0): Pick<LoopInputs, 'rows' | 'weights'> {
  const epoch = Math.ceil(EXAMPLES / BATCH);
  const places = Array.from({ length: steps }, (_, step) =>
    Array.from({ length: BATCH }, (_row, i) => (step % epoch) * BATCH + i),
  );
  return {
    rows: places.map((batch) => batch.map((row) => (row < EXAMPLES ? row : filler))),
    weights: places.map((batch) => {
      const size = batch.filter((row) => row < EXAMPLES).length;
      return batch.map((row) => (row < EXAMPLES ? 1 / size : 0));
    }),
  };
}

const rate = { shape: [], data: Float32Array.of(0.1) };

describe('a compiled training loop', () => {
  it.each<Activation>(['relu', 'tanh', 'sigmoid'])(
    'agrees with eager tfjs after 50 steps of an mlp with %s',
    async (activation) => {
      const inputs = { ...schedule(50), carried: initial, constants: { rate } };
      const compiled = await (await openCompiled(mlpLoop(activation)))(inputs);
      const eager = await runEager(mlpLoop(activation), inputs);
      for (const name of Object.keys(initial)) {
        expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThanOrEqual(1e-5);
        expect(relativeDistance(eager.carried[name], initial[name]), `${name} moved`).toBeGreaterThan(0.005);
      }
      expect(compiled.stacked['losses']?.shape).toEqual([50, BATCH]);
      expect(relativeDistance(compiled.stacked['losses'], eager.stacked['losses'])).toBeLessThanOrEqual(1e-5);
    },
  );

  it('takes inputs that are stored as float32', async () => {
    const loop = mlpLoop('tanh', floatTables);
    const inputs = { ...schedule(20), carried: initial, constants: { rate } };
    const compiled = await (await openCompiled(loop))(inputs);
    const eager = await runEager(loop, inputs);
    for (const name of Object.keys(initial)) {
      expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThanOrEqual(1e-5);
    }
    expect(relativeDistance(compiled.stacked['losses'], eager.stacked['losses'])).toBeLessThanOrEqual(1e-5);
  });

  it('computes a short batch as if it had no more rows than it has', async () => {
    const short = {
      rows: [[40, 41, 42, 43, 44]],
      weights: [[0.2, 0.2, 0.2, 0.2, 0.2]],
      carried: initial,
      constants: { rate },
    };
    const filled = { ...short, rows: [[40, 41, 42, 43, 44, 0, 0, 0]], weights: [[0.2, 0.2, 0.2, 0.2, 0.2, 0, 0, 0]] };
    const compiled = await (await openCompiled(mlpLoop('relu')))(filled);
    const eager = await runEager(mlpLoop('relu'), short);
    for (const name of Object.keys(initial)) {
      expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThanOrEqual(1e-6);
    }
  });

  it('gives the same bits whatever rows fill the last batch', async () => {
    const run = await openCompiled(mlpLoop('relu'));
    const [one, other] = [0, 33].map((filler) =>
      run({ ...schedule(12, filler), carried: initial, constants: { rate } }),
    );
    expect((await other)?.carried).toEqual((await one)?.carried);
  });

  it('gives the same bits in one call as step by step', async () => {
    const run = await openCompiled(mlpLoop('tanh'));
    const { rows, weights } = schedule(12);
    const whole = await run({ rows, weights, carried: initial, constants: { rate } });
    let carried = initial;
    for (const [i, batch] of rows.entries()) {
      ({ carried } = await run({ rows: [batch], weights: [weights[i] ?? []], carried, constants: { rate } }));
    }
    expect(carried).toEqual(whole.carried);
  });

  it('takes its constants as inputs: one program for every learning rate', async () => {
    const run = await openCompiled(mlpLoop('relu'));
    const standing = await run({
      ...schedule(3),
      carried: initial,
      constants: { rate: { shape: [], data: Float32Array.of(0) } },
    });
    expect(standing.carried).toEqual(initial);
  });
});
