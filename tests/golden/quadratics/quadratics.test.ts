/** Compiled training of quadratics, as a run does it, against what closed-forms.ts derives on paper. */
import { defineModel } from '@fedx/core';
import { describe, expect, it } from 'vitest';
import { recordRun } from '../recorded-run.js';
import * as closed from './closed-forms.js';

const ROUNDS = 60;
const learningRate = 0.1;

/** Three clients of different curvature, optimum and number of steps, in two coordinates. */
const uneven = [
  { curvature: 1, optima: [4, -1], examples: 1 },
  { curvature: 0.5, optima: [-2, 3], examples: 3 },
  { curvature: 2, optima: [1, 5], examples: 2 },
] as const;
const alike = uneven.map((client) => ({ ...client, curvature: 1, examples: 2 }));
const start = [3, -2] as const;

type Clients = readonly {
  readonly curvature: number;
  readonly optima: readonly [number, number];
  readonly examples: number;
}[];

/** curvature / 2 * |w - optimum|^2 of the one example in a batch, as a penalty beside logits that say nothing. */
const quadratic = defineModel({
  name: 'quadratic',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: () => ({ w: { shape: [2], data: Float32Array.from(start) } }),
    apply({ tf, parameters: { w }, inputs }) {
      const [curvature, optimum] = tf.split(inputs, [1, 2], 1);
      if (w === undefined || curvature === undefined || optimum === undefined) throw new TypeError('a part is missing');
      const squares = tf.mul(tf.square(tf.sub(w, optimum)), curvature);
      return { logits: tf.zeros([inputs.shape[0], 2]), penalty: tf.mul(tf.sum(squares), 0.5) };
    },
  }),
});

/** The two coordinates after each round; `local` says what the clients do, one epoch unless given. */
async function train(
  strategy: string,
  clients: Clients = uneven,
  local = 'epochs: 1',
): Promise<readonly (readonly number[])[]> {
  const rounds = await recordRun({
    data: {
      inputs: clients.map(({ curvature, optima, examples }) =>
        Array.from({ length: examples }, () => [curvature, ...optima]),
      ),
      labels: clients.map(({ examples }) => Array.from({ length: examples }, () => 0)),
      classes: 2,
    },
    plugins: [quadratic],
    spec: {
      model: '{ use: quadratic }',
      client: `{ ${local}, batchSize: 1, optimizer: { use: sgd, learningRate: ${learningRate} } }`,
      strategy: `{ use: ${strategy} }`,
      server: `{ rounds: ${ROUNDS} }`,
    },
  });
  return rounds.map(({ w }) => [...(w?.data ?? [])]);
}

function federation(coordinate: 0 | 1, clients: Clients = uneven): closed.Federation {
  return {
    clients: clients.map(({ optima, ...client }) => ({ ...client, optimum: optima[coordinate] })),
    start: start[coordinate],
    learningRate,
  };
}

/** Largest distance of a run from what is expected, over rounds and coordinates. */
function farthest(
  run: readonly (readonly number[])[],
  expected: (of: closed.Federation) => readonly number[],
  clients: Clients = uneven,
): number {
  const distances = ([0, 1] as const).flatMap((coordinate) =>
    expected(federation(coordinate, clients)).map((value, round) =>
      Math.abs(value - (run[round]?.[coordinate] ?? Number.NaN)),
    ),
  );
  return Math.max(...distances);
}

/** Distance of the last round from the optimum, of the first coordinate. */
const bias = (run: readonly (readonly number[])[], weights: 'examples' | 'uniform'): number =>
  Math.abs((run.at(-1)?.[0] ?? Number.NaN) - closed.optimum(federation(0), weights));

describe('on quadratics, in each of 60 rounds', () => {
  it('fedavg goes geometrically to a point that the steep and the busy clients pull away from the optimum', async () => {
    const run = await train('fedavg');
    expect(farthest(run, (of) => closed.fedavg(of, ROUNDS))).toBeLessThan(1e-5);
    expect(bias(run, 'examples')).toBeGreaterThan(0.05);
  });

  it('fedprox goes geometrically to the point that its mu decides', async () => {
    const run = await train('fedprox, mu: 1');
    expect(farthest(run, (of) => closed.fedprox(of, ROUNDS, 1))).toBeLessThan(1e-5);
  });

  it('fednova goes geometrically to a point nearer to the optimum than fedavg’s', async () => {
    const run = await train('fednova');
    expect(farthest(run, (of) => closed.fednova(of, ROUNDS))).toBeLessThan(1e-5);
    expect(bias(run, 'examples')).toBeLessThan(0.5 * bias(await train('fedavg'), 'examples'));
  });

  it.each(['I', 'II'] as const)('scaffold, option %s, goes to the optimum itself', async (option) => {
    const run = await train(`scaffold, option: ${option}`);
    expect(farthest(run, (of) => closed.scaffold(of, ROUNDS, option))).toBeLessThan(1e-5);
    expect(bias(run, 'uniform')).toBeLessThan(1e-4);
  });

  it('scaffold with one curvature and equal steps goes to the optimum geometrically, eta_g of the way', async () => {
    const run = await train('scaffold, serverLearningRate: 0.7', alike);
    const along = (of: closed.Federation) => {
      const limit = closed.optimum(of, 'uniform');
      const rate = 1 - 0.7 * (1 - (1 - learningRate) ** 2);
      return Array.from({ length: ROUNDS }, (_, t) => limit + rate ** (t + 1) * (of.start - limit));
    };
    expect(farthest(run, along, alike)).toBeLessThan(1e-5);
  });

  it('scaffold goes there with a rate that rises within the round, too', async () => {
    const warm = 'epochs: 10, schedule: { use: constant, over: steps, warmUp: 10 }';
    expect(bias(await train('scaffold', uneven, warm), 'uniform')).toBeLessThan(1e-3);
  });

  it('feddyn goes to the optimum itself', async () => {
    const run = await train('feddyn, alpha: 1');
    expect(farthest(run, (of) => closed.feddyn(of, ROUNDS, 1))).toBeLessThan(1e-5);
    expect(bias(run, 'uniform')).toBeLessThan(1e-3);
  });
});
