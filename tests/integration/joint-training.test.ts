/** Clients of which several are one job, held against the same clients one by one, which `onFailure: retry` makes of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, joint, type Project, type Run, resultsOf, weightsOf } from './tiny-federation.js';

let project: Project;

beforeAll(async () => {
  project = await createProject();
  await project.write('looking.mjs', looking);
  await project.write('dropping.mjs', dropping);
});

afterAll(() => project.remove());

/** Says that it reads means, and counts updates one by one from round 2 on. */
const looking = `import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'looking',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    reads: 'mean',
    aggregate: ({ global, updates, round }) => ({
      global: p.add(global, updates.mean()),
      log: { clients: round === 1 ? updates.length : [...updates].length },
    }),
  }),
});
`;
/** A multilayer perceptron that forgets half of what it knows in each step. */
const dropping = `import { defineModel, initialisers } from '@fedx/core';
export default defineModel({
  name: 'dropping',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (_, { classes }) => ({
    init: (random) => ({
      wide: initialisers.glorotUniform(random.at('wide'), [20, 3300]),
      narrow: initialisers.glorotUniform(random.at('narrow'), [3300, classes]),
    }),
    apply({ tf, parameters, inputs, random }) {
      const hidden = tf.relu(tf.matMul(tf.reshape(inputs, [-1, 20]), parameters.wide));
      return { logits: tf.matMul(random.dropout(hidden, 0.5), parameters.narrow) };
    },
  }),
});
`;
const oneByOne = 'client.onFailure=retry';

/** Every metric of every step but times, and what only clients that may fail have. */
function metricsOf({ events, error }: Run): readonly Readonly<Record<string, number>>[] {
  if (error !== undefined) throw error as Error;
  return events.flatMap((event) => {
    if (event.type !== 'step-completed') return [];
    const kept = Object.entries(event.metrics).filter(([key]) => !/^time\/|^clients\/failed$/.test(key));
    return [Object.fromEntries(kept)];
  });
}

describe('clients that train jointly', () => {
  it.each([
    ['all of them', []],
    ['a strategy with momentum', ['strategy.use=fedavgm']],
    [
      'uniform weights of unequal clients',
      [
        'server.weights=uniform',
        'partition={ use: quantity, clients: 20, rule: exponential, rate: 0.05, minimumExamples: 2 }',
      ],
    ],
    [
      'some of them stragglers, some lost',
      ['environment={ stragglers: { share: 0.5 }, dropouts: { probability: 0.3 } }'],
    ],
    ['a rate that falls from step to step', ['client.schedule={ use: exponential, over: steps, gamma: 0.8 }']],
    ['a model that draws random numbers', ['plugins=[./dropping.mjs]', 'model={ use: dropping }']],
  ])('come to what they come to one by one: %s', async (_, overrides) => {
    const [together, apart] = [
      await project.run([...joint, ...overrides]),
      await project.run([...joint, ...overrides, oneByOne]),
    ];
    const [weights, expected] = [await weightsOf(together), await weightsOf(apart)];
    expect(distance(weights, expected)).toBeLessThan(1e-4);
    // Other sums, and now and then a unit on the other side of its kink; had they trained one by one here too, the bits would be the same.
    expect(distance(weights, expected)).toBeGreaterThan(0);
    const [metrics, same] = [metricsOf(together), metricsOf(apart)];
    expect(metrics).toHaveLength(3);
    metrics.forEach((step, i) => {
      expect(Object.keys(step)).toEqual(Object.keys(same[i] ?? {}));
      for (const [key, value] of Object.entries(step)) expect(value, key).toBeCloseTo(same[i]?.[key] ?? Number.NaN, 4);
    });
  });

  it('have the same bits for any number of workers', async () => {
    const one = await resultsOf(await project.run([...joint, 'executor.workers=1']));
    for (const workers of [2, 5])
      expect(await resultsOf(await project.run([...joint, `executor.workers=${workers}`]))).toEqual(one);
  });

  it('end the run at the one whose update is too long', async () => {
    const { error } = await project.run([...joint, 'client.maxUpdateNorm=0.0001']);
    expect(error).toMatchObject({
      code: 'FEDX_RUN_DIVERGED',
      place: { arm: 'federated', round: 1, client: expect.any(Number) },
    });
  });

  it('end the run at the one that diverges', async () => {
    const { error } = await project.run([...joint, 'client.optimizer.learningRate=1e30']);
    expect(error).toMatchObject({ code: 'FEDX_RUN_DIVERGED', place: { arm: 'federated', client: expect.any(Number) } });
  });
});

describe('a strategy that says that it reads means', () => {
  it.each([
    ['jointly', joint],
    ['one by one', []],
  ])('is told where it looks at single updates: %s', async (_, overrides) => {
    const { error } = await project.run([...overrides, 'plugins=[./looking.mjs]', 'strategy={ use: looking }']);
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringContaining('looks at single updates'),
      hint: expect.stringContaining("reads: 'mean'"),
      place: { plugin: 'looking', round: 2 },
    });
  });
});
