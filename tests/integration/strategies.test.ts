import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, type Project, resultsOf, weightsOf } from './tiny-federation.js';

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(() => project.remove());

/** Three rounds of two clients out of five, as the strategies' client states meet them. */
const partial = ['server.cohort={ use: uniform, clients: 2 }'];

describe('a strategy with a rule for its clients', () => {
  it.each([
    ['fedprox', '{ use: fedprox, mu: 0.5 }'],
    ['scaffold, option I', '{ use: scaffold, option: I }'],
    ['scaffold, option II', '{ use: scaffold }'],
    ['feddyn', '{ use: feddyn, alpha: 0.1 }'],
    ['moon', '{ use: moon, mu: 1 }'],
    ['mimelite', '{ use: mimelite }'],
    ['qfedavg', '{ use: qfedavg, q: 1 }'],
  ])('trains compiled as it does eagerly, with the same bits for any number of workers: %s', async (_, strategy) => {
    const overrides = [...partial, `strategy=${strategy}`];
    const one = await project.run([...overrides, 'executor.workers=1']);
    expect(await resultsOf(await project.run([...overrides, 'executor.workers=3']))).toEqual(await resultsOf(one));
    const eager = await project.run([...overrides, 'engine.use=eager']);
    expect(distance(await weightsOf(one), await weightsOf(eager))).toBeLessThanOrEqual(1e-5);
    expect(distance(await weightsOf(one), await weightsOf(await project.run(partial)))).toBeGreaterThan(1e-4);
  });
});

describe('every strategy', () => {
  it.each([
    ['fedavgm', 'fedavgm'],
    ['fedadagrad', 'fedadagrad, serverLearningRate: 0.1'],
    ['fedadam', 'fedadam'],
    ['fedyogi', 'fedyogi'],
    ['fednova', 'fednova'],
    ['fedmedian', 'fedmedian'],
    ['trimmed-mean', 'trimmed-mean, share: 0.2'],
    ['krum', 'krum, attackers: 1'],
    ['multi-krum', 'multi-krum, attackers: 1'],
    ['bulyan', 'bulyan, attackers: 0'],
    ['geometric-median', 'geometric-median'],
    ['ditto', 'ditto'],
    ['fedper', 'fedper'],
    ['fedbn', 'fedbn'],
  ])('learns: %s', async (_, strategy) => {
    const { report, error } = await project.run([`strategy={ use: ${strategy} }`, 'server.rounds=4']);
    expect(error).toBeUndefined();
    expect(report?.runs[0]?.metrics['test/accuracy']?.last).toBeGreaterThan(0.2);
  });
});

/** FedAvg that keeps the first update of each round, and logs how long the one that it kept was then and is now. */
const hoarder = (look: string): string => `import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'hoarder',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: ({ global }) => ({ kept: p.zerosLike(global), length: 0 }),
    aggregate({ global, state, updates }) {
      let first;
      const mean = ${look};
      return {
        global: p.add(global, mean),
        state: { kept: first, length: p.norm(first) },
        log: { then: state.length, now: p.norm(state.kept) },
      };
    },
  }),
});
`;

describe('a strategy that keeps updates', () => {
  it.each([
    ['from going through them', 'updates.mean(); for (const { delta } of updates) first ??= delta'],
    ['from the mean of what it picks', 'updates.mean(({ delta }) => (first ??= delta, delta))'],
    ['from weighing them', 'updates.mean(undefined, ({ delta, examples }) => (first ??= delta, examples))'],
  ])('finds them in later rounds as they were: %s', async (_, look) => {
    await project.write('hoarder.mjs', hoarder(look));
    const { error, events } = await project.run(['plugins=[./hoarder.mjs]', 'strategy={ use: hoarder }']);
    expect(error).toBeUndefined();
    const rounds = events.flatMap((event) => (event.type === 'step-completed' ? [event.metrics] : []));
    const [then, now] = ['then', 'now'].map((key) => rounds.map((metrics) => metrics[`strategy/${key}`]));
    expect(then?.[2]).toBeGreaterThan(0);
    expect(now).toEqual(then);
  });
});

describe('in its limit', () => {
  const bitsOf = async (...overrides: string[]) => resultsOf(await project.run(overrides));

  it('fedprox with mu: 0 is fedavg bit for bit', async () => {
    expect(await bitsOf('strategy={ use: fedprox, mu: 0 }')).toEqual(await bitsOf());
  });

  it('fedbn is fedavg where nothing normalises', async () => {
    expect((await bitsOf('strategy={ use: fedbn }'))['federated model']).toEqual((await bitsOf())['federated model']);
    const { events } = await project.run(['strategy={ use: fedbn }']);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        message:
          'The strategy fedbn leaves parameters with their clients, but none of the model mlp: all of it is shared.',
      }),
    );
  });

  it('moon refuses a model without hidden layers', async () => {
    const { error } = await project.run(['strategy={ use: moon }', 'model={ use: softmax-regression }']);
    expect(error).toMatchObject({
      code: 'FEDX_STRATEGY_UNMET',
      message: 'The strategy moon compares features, but the model gives none.',
    });
  });

  it('scaffold starts as uniform averaging does', async () => {
    const [first, uniform] = [
      await weightsOf(await project.run(['strategy={ use: scaffold }', 'server.rounds=1'])),
      await weightsOf(await project.run(['strategy={ use: trimmed-mean, share: 0 }', 'server.rounds=1'])),
    ];
    expect(distance(first, uniform)).toBeLessThan(1e-6);
  });

  it('fednova is fedavg where all take equally many steps', async () => {
    const [nova, fedavg] = [
      await weightsOf(await project.run(['strategy={ use: fednova }'])),
      await weightsOf(await project.run()),
    ];
    expect(distance(nova, fedavg)).toBeLessThan(1e-6);
  });

  it('one full-batch step of every client a round is FedSGD: centralized full-batch descent', async () => {
    const overrides = ['client.batchSize=all', 'client.epochs=1', 'controls=[{ use: centralized, epochs: 3 }]'];
    const run = await project.run(overrides);
    expect(distance(await weightsOf(run), await weightsOf(run, 'centralized'))).toBeLessThan(1e-5);
  });
});

describe('power-of-choice', () => {
  const cohort = 'server.cohort={ use: power-of-choice, clients: 2, candidates: 4 }';

  it('trains those on whom the model does badly, the same for any number of workers, and counts what asking costs', async () => {
    const one = await project.run([cohort, 'executor.workers=1']);
    expect(await resultsOf(await project.run([cohort, 'executor.workers=3']))).toEqual(await resultsOf(one));
    const bytes = async (...overrides: string[]) => {
      const { events } = await project.run(['server.rounds=1', ...overrides]);
      const metrics = events.find((event) => event.type === 'step-completed')?.metrics ?? {};
      return { up: metrics['bytes/up'] ?? NaN, down: metrics['bytes/down'] ?? NaN };
    };
    const uniform = await bytes(...partial);
    expect(await bytes(cohort)).toEqual({ up: uniform.up + 4 * 4, down: 2 * uniform.down });
  });

  it('is refused where noise is to hide what clients send', async () => {
    const { error } = await project.run([
      cohort,
      'server.weights=uniform',
      'transforms=[{ use: norm-clip, norm: 1 }, { use: gaussian, noise: 1, scope: central }]',
    ]);
    expect(error).toMatchObject({ code: 'FEDX_PRIVACY_UNMET', message: expect.stringContaining('losses') as string });
  });
});

describe('what an algorithm relies on', () => {
  it.each([
    ['scaffold', '{ use: scaffold }', 'client.optimizer.momentum=0.9'],
    ['scaffold', '{ use: scaffold }', 'client.clip={ norm: 1 }'],
    ['mimelite', '{ use: mimelite }', 'client.optimizer={ use: adam, learningRate: 0.1 }'],
    ['fednova', '{ use: fednova }', 'client.optimizer={ use: sgd, learningRate: 0.1, momentum: 0.9, nesterov: true }'],
    ['fednova', '{ use: fednova }', 'client.schedule={ use: cosine, over: steps, length: 10 }'],
    ['qfedavg', '{ use: qfedavg, q: 1 }', 'client.optimizer={ use: adam, learningRate: 0.1 }'],
    ['fedper', '{ use: fedper, personalLayers: 2 }', 'server.rounds=1'],
    ['krum', '{ use: krum, attackers: 2 }', 'server.rounds=1'],
  ])('is checked: %s', async (name, strategy, override) => {
    const { error } = await project.run([`strategy=${strategy}`, override]);
    expect(error).toMatchObject({ code: 'FEDX_STRATEGY_UNMET', message: expect.stringContaining(name) as string });
  });

  it.each(['scaffold', 'feddyn'])('is warned of where transforms change what the clients of %s keep', async (use) => {
    const warnings = async (...overrides: string[]) =>
      (await project.run([`strategy.use=${use}`, 'server.rounds=1', ...overrides])).events.flatMap((event) =>
        event.type === 'warning' ? [event.message] : [],
      );
    expect(await warnings('transforms=[{ use: norm-clip, norm: 1 }]')).toEqual([
      expect.stringMatching(`strategy ${use} needs updates as its clients sent them.*norm-clip`),
    ]);
    expect(await warnings()).toEqual([]);
  });

  it('is checked of samplers: a cohort larger than the clients', async () => {
    const { error } = await project.run(['server.cohort={ use: uniform, clients: 6 }']);
    expect(error).toMatchObject({ code: 'FEDX_COHORT_TOO_LARGE' });
  });
});
