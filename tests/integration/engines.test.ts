import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, type Project, resultsOf, weightsOf } from './tiny-federation.js';

/** FedProx (Li et al. 2020), as a user would write it. */
const prox = `import { defineStrategy, parameters as p } from '@fedx/core';

export default defineStrategy({
  name: 'prox',
  options: { type: 'object', additionalProperties: false, properties: { mu: { type: 'number', minimum: 0, default: 0.1 } } },
  create: () => ({
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
    client: {
      gradient: ({ tf, gradient, parameters, global, hyper }) =>
        Object.fromEntries(Object.entries(gradient).map(([name, g]) => [name, tf.add(g, tf.mul(hyper.mu, tf.sub(parameters[name]!, global[name]!)))])),
    },
  }),
});
`;

const controls = 'controls=[iid, centralized, local-only]';
let project: Project;

beforeAll(async () => {
  project = await createProject();
  await project.write('prox.ts', prox);
});

afterAll(() => project.remove());

describe('a whole run', () => {
  it('gives the same bits for 1, 2, 3 and 7 workers, in every arm', async () => {
    const expected = await resultsOf(await project.run([controls, 'executor.workers=1']));
    expect(Object.keys(expected).filter((key) => key.endsWith('model'))).toEqual(
      expect.arrayContaining(['federated model', 'iid model', 'centralized model']),
    );
    expect(Object.keys(expected)).toContain('local-only 3');
    for (const workers of [2, 3, 7]) {
      expect(
        await resultsOf(await project.run([controls, `executor.workers=${workers}`])),
        `${workers} workers`,
      ).toEqual(expected);
    }
  });

  it('gives other bits for another seed', async () => {
    const [one, other] = [
      await resultsOf(await project.run(['seed=5'])),
      await resultsOf(await project.run(['seed=6'])),
    ];
    expect(other['federated model']).not.toEqual(one['federated model']);
  });

  it('learns the images', async () => {
    const { report, error } = await project.run(['server.rounds=6']);
    expect(error).toBeUndefined();
    expect(report?.runs[0]?.metrics['test/accuracy']?.last).toBeGreaterThan(0.9);
  });

  it('is the same in an arm whether or not others run beside it', async () => {
    const together = await resultsOf(await project.run([controls]));
    const alone = await resultsOf(await project.run([]));
    expect(together).toMatchObject(alone);
  });

  it.each([
    ['keep', 'batchSize=8'],
    ['drop', 'batchSize=8'],
    ['keep', 'batchSize=all'],
  ])('agrees between compiled and eager training within 1e-5: lastBatch %s, %s', async (lastBatch, batchSize) => {
    const overrides = [`client.lastBatch=${lastBatch}`, `client.${batchSize}`, 'controls=[centralized]'];
    const compiled = await project.run([...overrides, 'engine.use=onnx']);
    const eager = await project.run([...overrides, 'engine.use=eager']);
    for (const arm of ['federated', 'centralized']) {
      expect(distance(await weightsOf(compiled, arm), await weightsOf(eager, arm)), arm).toBeLessThanOrEqual(1e-5);
    }
  });

  it('compiles no new program for another learning rate', async () => {
    const before = await project.run(['client.optimizer.learningRate=0.1']);
    const after = await project.run(['client.optimizer.learningRate=0.03']);
    expect(before.programs.length).toBeGreaterThanOrEqual(2);
    expect(after.programs).toEqual(before.programs);
    expect(distance(await weightsOf(after), await weightsOf(before))).toBeGreaterThan(1e-3);
  });
});

describe('the client rule of a strategy from a file', () => {
  const withProx = ['plugins=[./prox.ts]', 'strategy.use=prox'];

  it('runs compiled, and without its term gives FedAvg', async () => {
    const fedavg = await weightsOf(await project.run());
    const zero = await weightsOf(await project.run([...withProx, 'strategy.mu=0']));
    const one = await weightsOf(await project.run([...withProx, 'strategy.mu=1']));
    expect(distance(zero, fedavg)).toBeLessThan(1e-6);
    expect(distance(one, fedavg)).toBeGreaterThan(1e-3);
  });

  it('agrees with eager training within 1e-5', async () => {
    const [compiled, eager] = [await project.run([...withProx]), await project.run([...withProx, 'engine.use=eager'])];
    expect(distance(await weightsOf(compiled), await weightsOf(eager))).toBeLessThanOrEqual(1e-5);
  });

  it('compiles no new program for another mu', async () => {
    const before = await project.run([...withProx, 'strategy.mu=0.1']);
    expect((await project.run([...withProx, 'strategy.mu=0.2'])).programs).toEqual(before.programs);
  });
});
