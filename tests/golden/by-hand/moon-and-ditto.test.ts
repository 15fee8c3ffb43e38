/** Two rounds of MOON and of Ditto, compiled and run as ever, against numbers worked out on paper. */
import { defineMetric, defineModel, type Plugin, type Tensor, type Tf } from '@fedx/core';
import { describe, expect, it } from 'vitest';
import { recordRun } from '../recorded-run.js';

const nothing = { type: 'object', additionalProperties: false, properties: {} } as const;

/** `|w - o|^2 / 2` of the one example o of a client: a step of size 1/2 goes half of the way to o. */
function towards(tf: Tf, w: Tensor, inputs: Tensor): Tensor {
  return tf.mul(tf.sum(tf.square(tf.sub(w, inputs))), 0.5);
}

/** Trains `points` as clients, each with as many copies of its point as `copies` says. */
function train(
  points: readonly (readonly number[])[],
  spec: { readonly strategy: string; readonly server: string; readonly epochs: number; readonly evaluate?: string },
  plugins: readonly Plugin[],
  {
    copies = points.map(() => 1),
    onEvent,
  }: Pick<Parameters<typeof recordRun>[0], 'onEvent'> & { copies?: number[] } = {},
) {
  const { epochs, ...lines } = spec;
  const times = <Value>(value: Value, client: number) => Array.from({ length: copies[client] ?? 0 }, () => value);
  return recordRun({
    data: { inputs: points.map(times), labels: points.map((_, client) => times(0, client)), classes: 2 },
    plugins,
    spec: {
      model: '{ use: point }',
      client: `{ epochs: ${epochs}, batchSize: all, optimizer: { use: sgd, learningRate: 0.5 } }`,
      ...lines,
    },
    ...(onEvent && { onEvent }),
  });
}

/**
 * Li, He and Song 2021, equation 3: `l_con = -log(e^(s_g / tau) / (e^(s_g / tau) + e^(s_p / tau)))`, hence
 *
 *     mu * grad l_con = mu / tau * sigma((s_p - s_g) / tau) * (grad s_p - grad s_g),   sigma(x) = 1 / (1 + e^-x)
 *     grad cos(w, p) = (p / |p| - cos(w, p) * w / |w|) / |w|
 *
 * The features are the parameters w themselves, so that s_g = cos(w, w_t) and s_p = cos(w, previous). Two steps a round.
 *
 * Round 1 starts at (4, 0). There are no last local models, so that nothing contrasts:
 * client 0 goes to (4, 2) and (4, 3), half of the way to (4, 4) each time, client 1 to (4, -3). Their mean is (4, 0).
 *
 * Round 2, client 0 alone, previous = (4, 3), tau = 0.2 / ln 3, mu / tau = 800 / 3:
 * 1. w = (4, 0): s_g = 1, grad s_g = 0; s_p = 0.8, grad s_p = ((0.8, 0.6) - 0.8 (1, 0)) / 4 = (0, 0.15);
 *    sigma(-0.2 / tau) = 1 / (1 + 3) = 1/4; contrast 800 / 3 * 1/4 * (0, 0.15) = (0, 10);
 *    w = (4, 0) - 1/2 * ((0, -4) + (0, 10)) = (4, -3).
 * 2. w = (4, -3), w / |w| = (0.8, -0.6): s_g = 0.8, grad s_g = ((1, 0) - 0.8 (0.8, -0.6)) / 5 = (0.072, 0.096);
 *    s_p = (16 - 9) / 25 = 0.28, grad s_p = ((0.8, 0.6) - 0.28 (0.8, -0.6)) / 5 = (0.1152, 0.1536);
 *    sigma(-0.52 / tau) = 1 / (1 + 3^2.6); contrast 800 / 3 * sigma * (0.0432, 0.0576) = sigma * (11.52, 15.36);
 *    w = (4, -3) - 1/2 * ((0, -7) + sigma * (11.52, 15.36)) = (4 - 5.76 sigma, 0.5 - 7.68 sigma).
 */
describe('moon', () => {
  const point = defineModel({
    name: 'point',
    options: nothing,
    create: () => ({
      init: () => ({ w: { shape: [2], data: Float32Array.of(4, 0) } }),
      apply({ tf, parameters: { w }, inputs }) {
        if (w === undefined) throw new TypeError('w is missing');
        const features = tf.mul(tf.ones([inputs.shape[0], 2]), w);
        return { logits: tf.zeros([inputs.shape[0], 2]), features, penalty: towards(tf, w, inputs) };
      },
    }),
  });

  it('holds features to the global ones and off the last local ones, from a client’s second round on', async () => {
    const tau = 0.2 / Math.log(3);
    const rounds = await train(
      [
        [4, 4],
        [4, -4],
      ],
      {
        strategy: `{ use: moon, mu: ${(800 / 3) * tau}, temperature: ${tau} }`,
        server: '{ rounds: 2, cohort: { use: fixed, rounds: [[0, 1], [0]] } }',
        epochs: 2,
      },
      [point],
    );
    const sigma = 1 / (1 + 3 ** 2.6);
    const expected = [
      [4, 0],
      [4 - 5.76 * sigma, 0.5 - 7.68 * sigma],
    ];
    expect(rounds.map(({ w }) => [...(w?.data ?? [])])).toEqual(
      expected.map((round) => round.map((value) => expect.closeTo(value, 4) as number)),
    );
  });

  it('contrasts nothing in the first round of a client that comes later', async () => {
    const rounds = await train(
      [
        [4, 4],
        [4, -4],
      ],
      {
        strategy: '{ use: moon, mu: 100, temperature: 0.5 }',
        server: '{ rounds: 2, cohort: { use: fixed, rounds: [[0], [1]] } }',
        epochs: 2,
      },
      [point],
    );
    // Client 0 goes half of the way to (4, 4) twice, client 1 from there half of the way to (4, -4) twice.
    expect(rounds.map(({ w }) => [...(w?.data ?? [])])).toEqual([
      [4, 3],
      [4, -2.25],
    ]);
  });
});

/**
 * Li, Hu, Beirami and Smith 2021, algorithm 1: `v_k <- v_k - eta * (grad F_k(v_k) + lambda * (v_k - w_t))`, w by FedAvg.
 *
 * One step a round from w = v = 0, lambda = 1/2; client 0 is drawn to 4 and has three examples of four, client 1 to -2.
 * 1. The clients go to 2 and -1, so that w = 3/4 * 2 - 1/4 * 1 = 1.25. With v = w_0 nothing pulls: v = 2 and -1.
 * 2. From 1.25 the clients go to 2.625 and -0.375: w = 3/4 * 2.625 - 1/4 * 0.375 = 1.875. Personal models:
 *    v_0 = 2 - 1/2 * ((2 - 4) + 1/2 * (2 - 1.25)) = 2.8125, v_1 = -1 - 1/2 * ((-1 + 2) + 1/2 * (-1 - 1.25)) = -0.9375.
 */
describe('ditto', () => {
  /** Its logits are its parameter where it is evaluated, so that a metric can tell. */
  const point = defineModel({
    name: 'point',
    options: nothing,
    create: () => ({
      init: () => ({ w: { shape: [1], data: Float32Array.of(0) } }),
      apply({ tf, parameters: { w }, inputs, mode }) {
        if (w === undefined) throw new TypeError('w is missing');
        const logits = tf.mul(tf.fill([inputs.shape[0], 2], mode === 'train' ? 0 : 1), w);
        return { logits, penalty: tf.div(towards(tf, w, inputs), inputs.shape[0]) };
      },
    }),
  });
  const where = defineMetric({
    name: 'where',
    options: nothing,
    better: 'lower',
    create: () => ({
      measure: ({ logits }) => ({ logits }),
      finish: ({ examples, sums }) => (sums('logits')[0] ?? Number.NaN) / examples,
    }),
  });

  it('trains personal models beside federated averaging, each held to the global one of the round before', async () => {
    const measured: number[][] = [];
    const rounds = await train(
      [[4], [-2]],
      {
        strategy: '{ use: ditto, lambda: 0.5 }',
        server: '{ rounds: 2 }',
        epochs: 1,
        evaluate: '{ metrics: [{ use: where }] }',
      },
      [point, where],
      {
        copies: [3, 1],
        onEvent(event) {
          if (event.type !== 'step-completed') return;
          const of = (key: string) => event.metrics[key] ?? Number.NaN;
          measured.push([of('test/where'), of('personal/test/where/mean'), of('personal/test/where/max')]);
        },
      },
    );
    expect(rounds.map(({ w }) => [...(w?.data ?? [])])).toEqual([[1.25], [1.875]]);
    expect(measured).toEqual([
      [1.25, (2 - 1) / 2, 2],
      [1.875, (2.8125 - 0.9375) / 2, 2.8125],
    ]);
  });
});
