import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, type Project, resultsOf, weightsOf } from './tiny-federation.js';

/** A layer that is centred by a moving mean, and two kinds of dropout: ours, and tfjs's own with a seed. */
const noisy = `import { defineModel } from '@fedx/core';

export default defineModel({
  name: 'noisy',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (_, { inputShape, classes }) => {
    const features = inputShape.reduce((product, size) => product * size, 1);
    const normal = (random, shape) => ({ shape, data: Float32Array.from({ length: shape[0] * shape[1] }, () => 0.2 * random.normal()) });
    return {
      statistics: ['mean'],
      init: (random) => ({
        first: normal(random.at('first'), [features, 12]),
        mean: { shape: [12], data: new Float32Array(12) },
        second: normal(random.at('second'), [12, classes]),
      }),
      apply: ({ tf, parameters: { first, mean, second }, inputs, mode, random }) => {
        const x = tf.matMul(random.dropout(tf.reshape(inputs, [-1, features]), 0.1), first);
        const batch = tf.mean(x, 0);
        const centred = tf.relu(tf.sub(x, mode === 'train' ? batch : mean));
        const dropped = mode === 'train' ? tf.dropout(centred, 0.2, undefined, 7) : centred;
        return {
          logits: tf.matMul(dropped, second),
          statistics: { mean: tf.add(tf.mul(mean, 0.9), tf.mul(batch, 0.1)) },
          penalty: tf.mul(tf.sum(tf.square(second)), 0.001),
        };
      },
    };
  },
});
`;

/** SCAFFOLD, option II (Karimireddy et al. 2020, algorithm 1). */
const scaffold = `import { defineStrategy, parameters as p } from '@fedx/core';

export default defineStrategy({
  name: 'controls',
  requires: ['plain-sgd'],
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    requires: ['plain-sgd'],
    init: ({ global }) => ({ control: p.zerosLike(global) }),
    broadcast: ({ state }) => ({ control: state.control }),
    client: {
      init: ({ global }) => ({ control: p.zerosLike(global) }),
      gradient: ({ tf, gradient, broadcast, state }) =>
        Object.fromEntries(Object.entries(gradient).map(([name, g]) => [name, tf.add(tf.sub(g, state.control[name]), broadcast.control[name])])),
      end: ({ global, local, broadcast, state, steps, learningRate }) => {
        const moved = p.scale(p.subtract(global, local), 1 / (steps * learningRate));
        const control = p.add(p.subtract(state.control, broadcast.control), moved);
        return { state: { control }, report: { control: p.subtract(control, state.control) } };
      },
    },
    aggregate: ({ global, state, updates, clients }) => ({
      global: p.add(global, updates.mean()),
      state: { control: p.add(state.control, p.scale(updates.mean(({ report }) => report.control, () => 1), updates.length / clients)) },
      log: { 'control-norm': p.norm(state.control) },
    }),
  }),
});
`;

/** A personal model for each client (Ditto), the last layer kept at home (FedPer), and a report from a pass over the data. */
const personal = `import { defineStrategy, parameters as p } from '@fedx/core';

const named = (tensors, f) => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f(tensor, name)]));

export default [
  defineStrategy({
    name: 'near',
    options: { type: 'object', additionalProperties: false, properties: { lambda: { type: 'number', minimum: 0, default: 0.5 } } },
    create: () => ({
      personal: { gradient: ({ tf, gradient, parameters, global, hyper }) => named(gradient, (g, name) => tf.add(g, tf.mul(hyper.lambda, tf.sub(parameters[name], global[name])))) },
      aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
    }),
  }),
  defineStrategy({
    name: 'at-home',
    options: { type: 'object', additionalProperties: false, properties: {} },
    create: () => ({
      shared: ({ name }) => !name.startsWith('dense-2'),
      client: { end: async ({ global, overData }) => ({ report: { loss: (await overData(global)).loss } }) },
      aggregate: ({ global, updates }) => ({
        global: p.add(global, updates.mean()),
        log: { loss: [...updates].reduce((sum, { report }) => sum + report.loss, 0) / updates.length },
      }),
    }),
  }),
];
`;

let project: Project;

beforeAll(async () => {
  project = await createProject();
  await project.write('noisy.ts', noisy);
  await project.write('controls.ts', scaffold);
  await project.write('personal.ts', personal);
});

afterAll(() => project.remove());

const withNoise = ['plugins=[./noisy.ts]', 'model={ use: noisy }'];
const withControls = ['plugins=[./controls.ts]', 'strategy.use=controls'];

describe('a short loop over narrow batches', () => {
  const wide = ['model={ use: mlp, hidden: [3300], activation: relu }', 'server.rounds=2'];
  const short = [...wide, 'client.epochs=1'];

  it('gives the same bits for any number of workers, and agrees with eager training within 1e-5', async () => {
    const one = await project.run([...short, 'executor.workers=1']);
    expect(await resultsOf(await project.run([...short, 'executor.workers=3']))).toEqual(await resultsOf(one));
    const eager = await project.run([...short, 'engine.use=eager']);
    expect(distance(await weightsOf(one), await weightsOf(eager))).toBeLessThanOrEqual(1e-5);
  });

  it('is compiled in another way than a long one, whatever its length', async () => {
    const programs: number[] = [];
    for (const epochs of [1, 2, 3, 4])
      programs.push((await project.run([...wide, `client.epochs=${epochs}`])).programs.length);
    const [shortest = NaN] = programs;
    expect(programs).toEqual([shortest, shortest, shortest + 1, shortest + 1]);
  });
});

describe('a model that draws and measures', () => {
  it('gives the same bits for any number of workers', async () => {
    const one = await resultsOf(await project.run([...withNoise, 'controls=[centralized]', 'executor.workers=1']));
    expect(await resultsOf(await project.run([...withNoise, 'controls=[centralized]', 'executor.workers=3']))).toEqual(
      one,
    );
  });

  it('agrees with eager training within 1e-5, statistics included', async () => {
    const [compiled, eager] = [await project.run(withNoise), await project.run([...withNoise, 'engine.use=eager'])];
    const weights = await weightsOf(compiled);
    expect(distance(weights, await weightsOf(eager))).toBeLessThanOrEqual(1e-5);
    expect(weights.get('mean')?.some((value) => value !== 0)).toBe(true);
  });

  it('draws anew in every run of another seed', async () => {
    const [one, other] = [await project.run(withNoise), await project.run([...withNoise, 'seeds.batches=9'])];
    expect(distance(await weightsOf(one), await weightsOf(other))).toBeGreaterThan(1e-3);
  });
});

describe('local training', () => {
  it.each([
    [
      'adam by cosine steps',
      [
        'client.optimizer={ use: adam, learningRate: 0.01 }',
        'client.schedule={ use: cosine, over: steps, length: 20 }',
      ],
    ],
    ['momentum, clipped by norm', ['client.optimizer.momentum=0.9', 'client.clip={ norm: 0.1 }']],
    ['weight decay, clipped by value', ['client.optimizer.weightDecay=0.01', 'client.clip={ value: 0.01 }']],
    [
      'rmsprop that drops each round',
      ['client.optimizer={ use: rmsprop, learningRate: 0.01 }', 'client.schedule={ use: step, every: 1, gamma: 0.5 }'],
    ],
  ])('agrees with eager training within 1e-5: %s', async (_, overrides) => {
    const [compiled, eager] = [await project.run(overrides), await project.run([...overrides, 'engine.use=eager'])];
    expect(distance(await weightsOf(compiled), await weightsOf(eager))).toBeLessThanOrEqual(1e-5);
    expect(distance(await weightsOf(compiled), await weightsOf(await project.run()))).toBeGreaterThan(1e-3);
  });

  it('compiles no new program for another bound or another schedule by rounds', async () => {
    const before = await project.run(['client.clip={ norm: 1 }']);
    const after = await project.run(['client.clip={ norm: 2 }', 'client.schedule={ use: exponential, gamma: 0.9 }']);
    expect(after.programs).toEqual(before.programs);
  });

  it('is as if there were no clip where the bound is not reached', async () => {
    const wide = await weightsOf(await project.run(['client.clip={ norm: 1e6, value: 1e6 }']));
    expect(distance(wide, await weightsOf(await project.run()))).toBeLessThan(1e-6);
  });
});

describe('local work', () => {
  const controls = 'controls=[iid, local-only]';

  it('is the same counted in steps where these are those of the epochs', async () => {
    // 60 or 61 images a client are 8 batches; two epochs of them are the spec's.
    const epochs = await resultsOf(await project.run([controls]));
    expect(await resultsOf(await project.run(['client.steps=16', controls]))).toEqual(epochs);
  });

  it('takes so many steps, within an epoch or over many, whatever the epochs', async () => {
    const stepsOf = async (steps: number) => {
      const results = await resultsOf(await project.run([`client.steps=${steps}`, 'server.rounds=1', controls]));
      return ['federated', 'iid', 'local-only'].map(
        (arm) => (results[`${arm} 1`] as Readonly<Record<string, number>>)['progress/local-steps'],
      );
    };
    expect(await stepsOf(3)).toEqual([15, 15, 15]);
    expect(await stepsOf(35)).toEqual([175, 175, 175]);
  });

  it('is a control’s own where that says epochs, whatever steps the federation takes', async () => {
    const own = 'controls=[{ use: iid, client: { epochs: 3 } }]';
    const results = await resultsOf(await project.run(['client.steps=3', 'server.rounds=1', own]));
    expect(results).toMatchObject({
      'federated 1': { 'progress/local-steps': 15 },
      'iid 1': { 'progress/local-steps': 5 * 3 * 8 },
    });
  });
});

describe('a strategy with client state', () => {
  it('gives the same bits for any number of workers, and agrees with eager training', async () => {
    const runs = [
      await project.run([...withControls, 'executor.workers=1']),
      await project.run([...withControls, 'executor.workers=3']),
    ];
    const [one, three] = await Promise.all(runs.map(resultsOf));
    expect(three).toEqual(one);
    const eager = await project.run([...withControls, 'engine.use=eager']);
    expect(distance(await weightsOf(runs[0] ?? eager), await weightsOf(eager))).toBeLessThanOrEqual(1e-5);
  });

  it('starts as FedAvg does, and then differs from it', async () => {
    const bits = async (rounds: number, overrides: readonly string[] = []) =>
      weightsOf(await project.run([...overrides, `server.rounds=${rounds}`]));
    expect(distance(await bits(1, withControls), await bits(1))).toBeLessThan(1e-6);
    expect(distance(await bits(3, withControls), await bits(3))).toBeGreaterThan(1e-4);
  });

  it('logs what the strategy says, and counts the bytes of all that is sent', async () => {
    const { events } = await project.run(withControls);
    const steps = events.flatMap((event) => (event.type === 'step-completed' ? [event.metrics] : []));
    expect(steps[2]?.['strategy/control-norm']).toBeGreaterThan(0);
    const plain = (await project.run()).events.flatMap((event) =>
      event.type === 'step-completed' ? [event.metrics] : [],
    );
    expect(steps[0]?.['bytes/up']).toBe(2 * (plain[0]?.['bytes/up'] ?? Number.NaN));
    expect(steps[0]?.['bytes/down']).toBe(2 * (plain[0]?.['bytes/down'] ?? Number.NaN));
  });

  it('is refused before anything runs where its local training is another', async () => {
    const { error, folder } = await project.run([...withControls, 'client.optimizer.momentum=0.5']);
    expect(error).toMatchObject({
      code: 'FEDX_STRATEGY_UNMET',
      message: expect.stringContaining('momentum') as string,
    });
    expect(folder).toMatch(/runs\/?$/);
  });
});

describe('personal models', () => {
  const near = ['plugins=[./personal.ts]', 'strategy.use=near'];
  const atHome = ['plugins=[./personal.ts]', 'strategy.use=at-home'];

  it('train beside the shared one, which they do not change', async () => {
    const run = await project.run(near);
    expect(distance(await weightsOf(run), await weightsOf(await project.run()))).toBe(0);
    const last = run.events.findLast((event) => event.type === 'step-completed');
    expect(last).toMatchObject({ metrics: { 'personal/test/accuracy/mean': expect.any(Number) as number } });
  });

  it('keep at home what is not shared, and send less', async () => {
    const { events, error } = await project.run(atHome);
    expect(error).toBeUndefined();
    const steps = events.flatMap((event) => (event.type === 'step-completed' ? [event.metrics] : []));
    // Five clients send dense-1 of 20 x 20 + 20 values, and the loss.
    expect(steps[0]?.['bytes/up']).toBe(5 * 4 * (420 + 1));
    expect(steps[0]?.['bytes/down']).toBe(5 * 4 * 420);
    expect(steps[2]?.['strategy/loss']).toBeLessThan(steps[0]?.['strategy/loss'] ?? 0);
    expect(steps[2]?.['personal/own-test/counted']).toBeDefined();
  });

  it('report the mean loss over all of a client’s data', async () => {
    const [compiled, eager] = [await project.run(atHome), await project.run([...atHome, 'engine.use=eager'])];
    const losses = ({ events }: typeof compiled) =>
      events.flatMap((event) =>
        event.type === 'step-completed' ? [event.metrics['strategy/loss'] ?? Number.NaN] : [],
      );
    losses(compiled).forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses(eager)[i] ?? Number.NaN, 5);
    });
  });
});
