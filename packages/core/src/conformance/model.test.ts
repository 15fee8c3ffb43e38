import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Model, ModelShape, Parameters, Tensor, Tf } from '../contracts/index.js';
import { defineModel } from '../plugins/index.js';
import type { Random } from '../random/index.js';
import { modelConformance } from './model.js';

const setup = { inputShape: [3, 2], classes: 4 };
const hidden = 5;

function failures(create: (shape: ModelShape) => Model): Promise<readonly string[]> {
  const plugin = defineModel({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    create: (_options, shape) => create(shape),
  });
  return titlesOfFailures(modelConformance(plugin, setup));
}

function init(random: Random): Parameters {
  const kernel = (name: string, rows: number, columns: number) => {
    const stream = random.at(name);
    return { shape: [rows, columns], data: Float32Array.from({ length: rows * columns }, () => stream.normal() / 2) };
  };
  return { first: kernel('first', 6, hidden), second: kernel('second', hidden, setup.classes) };
}

type Weights = Readonly<Record<'first' | 'second', Tensor>>;

function forward(tf: Tf, parameters: Weights, inputs: Tensor): Tensor {
  return tf.matMul(tf.tanh(tf.matMul(tf.reshape(inputs, [-1, 6]), parameters.first)), parameters.second);
}

/** A sound model, but for what `changes` says. */
function model(changes: Partial<Model> = {}): Model {
  return {
    init,
    apply: ({ tf, parameters, inputs }) => ({ logits: forward(tf, parameters, inputs) }),
    ...changes,
  };
}

describe('the conformance suite of models', () => {
  it('passes a sound model', async () => {
    expect(await failures(() => model())).toEqual([]);
  });

  it('finds initial parameters of another size, or that are not finite', async () => {
    const title = 'starts from finite parameters, each of its own shape';
    const start = (change: (random: Random) => Parameters) => failures(() => model({ init: change }));
    expect(
      await start((random) => ({ ...init(random), first: { shape: [7, hidden], data: new Float32Array(30) } })),
    ).toContain(title);
    expect(
      await start((random) => ({
        ...init(random),
        first: { shape: [6, hidden], data: new Float32Array(30).fill(Number.NaN) },
      })),
    ).toContain(title);
    expect(await start(() => ({}))).toContain(title);
  });

  it('finds a start that does not follow its stream', async () => {
    let calls = 0;
    expect(await failures(() => model({ init: (random) => init(random.at(calls++)) }))).toContain(
      'starts from the same parameters for the same stream',
    );
  });

  it('finds a start that draws to no effect', async () => {
    const stubborn = (random: Random) => {
      const parameters = init(random);
      for (const { data } of Object.values(parameters)) data.forEach((_, i) => (data[i] = Math.sin(i + data.length)));
      return parameters;
    };
    expect(await failures(() => model({ init: stubborn }))).toEqual([
      'starts elsewhere for another seed, if it draws at all',
    ]);
  });

  it('finds logits of another shape', async () => {
    const wide = model({
      apply: ({ tf, parameters, inputs }) => {
        const logits = forward(tf, parameters, inputs);
        return { logits: tf.concat([logits, logits], 1) };
      },
    });
    expect(await failures(() => wide)).toContain('gives finite logits [batch, classes] for a batch of 5');
  });

  it('finds one that knows a single batch size', async () => {
    const rigid = model({
      apply: ({ tf, parameters, inputs }) => ({
        logits: forward(tf, parameters, tf.reshape(inputs, [5, 6])),
      }),
    });
    expect(await failures(() => rigid)).toContain('gives finite logits [batch, classes] for a batch of 1');
  });

  it('finds an example whose score depends on its neighbours', async () => {
    const mixing = model({
      apply: ({ tf, parameters, inputs }) => ({
        logits: forward(tf, parameters, tf.sub(inputs, tf.mean(inputs, 0, true))),
      }),
    });
    expect(await failures(() => mixing)).toEqual(['scores each example by itself when it evaluates']);
  });

  it('finds one that remembers its calls', async () => {
    let calls = 0;
    const counting = model({
      apply: ({ tf, parameters, inputs }) => ({
        logits: tf.mul(forward(tf, parameters as Weights, inputs), 1 + calls++ / 100),
      }),
    });
    const found = await failures(() => counting);
    expect(found).toContain('gives the same logits twice when it evaluates');
    expect(found).toContain('compiles for training, to the same program each time');
  });

  it('finds a parameter that takes no part', async () => {
    const spare = model({
      init: (random) => ({ ...init(random), spare: { shape: [2], data: Float32Array.of(1, 2) } }),
    });
    expect(await failures(() => spare)).toContain('has a finite gradient for every parameter');
    const blocked = model({
      init: (random) => ({ ...init(random), spare: { shape: [1], data: Float32Array.of(1) } }),
      apply: ({ tf, parameters, inputs }) => ({
        logits: tf.add(forward(tf, parameters as unknown as Weights, inputs), tf.mul(0, parameters['spare'] ?? 0)),
      }),
    });
    expect(await failures(() => blocked)).toEqual(['moves every parameter within a few steps of training']);
  });

  it('finds a gradient that leads uphill', async () => {
    const inverted = model({
      apply: ({ tf, parameters, inputs }) => {
        const flip = tf.customGrad((x) => ({ value: (x as Tensor).clone(), gradFunc: (dy) => [tf.neg(dy)] }));
        return { logits: flip(forward(tf, parameters, inputs)) };
      },
    });
    expect(await failures(() => inverted)).toEqual(['loses less after a few steps against its gradient']);
  });

  it('finds what does not compile: an operation without a lowering, and a value that is read', async () => {
    const unsupported = model({
      apply: ({ tf, parameters, inputs }) => ({
        logits: tf.topk(forward(tf, parameters as Weights, inputs), setup.classes).values,
      }),
    });
    const reading = model({
      apply: ({ tf, parameters, inputs }) => {
        const logits = forward(tf, parameters, inputs);
        return { logits: (tf.max(logits).dataSync()[0] ?? 0) > 1e9 ? tf.neg(logits) : logits };
      },
    });
    for (const apply of [unsupported, reading]) {
      const found = await failures(() => apply);
      expect(found).toContain('compiles for training, to the same program each time');
      expect(found).toContain('compiles for export');
    }
  });
});
