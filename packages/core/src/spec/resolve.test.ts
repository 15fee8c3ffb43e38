import { describe, expect, it } from 'vitest';
import { catalogue, minimal, refusal, resolve } from '../../testing/minimal-spec.js';
import { defineDataset, defineStrategy } from '../plugins/index.js';
import { parseSpec, resolveSpec } from './resolve.js';

describe('resolving a spec', () => {
  it('fills in every default', async () => {
    expect(await resolve(minimal)).toEqual({
      apiVersion: 'fedx/v1',
      name: 'minimal',
      seed: 1,
      seeds: {},
      plugins: [],
      dataset: { use: 'digits', split: 'pooled' },
      partition: { use: 'iid', clients: 10 },
      holdout: { test: 1 / 7, validation: 0 },
      model: { use: 'mlp', hidden: [10] },
      client: {
        epochs: 1,
        batchSize: 32,
        lastBatch: 'keep',
        optimizer: { use: 'sgd', learningRate: 0.1, momentum: 0 },
        optimizerState: 'reset',
        onFailure: 'fail',
        schedule: { use: 'constant' },
        clip: {},
      },
      strategy: { use: 'fedavg' },
      transforms: [],
      environment: {},
      server: { rounds: 3, cohort: { use: 'all' }, minimumCohort: 1 },
      controls: [],
      evaluate: { every: 1, metrics: [] },
      checkpoint: { every: 'auto', keep: 2 },
      engine: { use: 'auto' },
      executor: { use: 'worker-pool', workers: 'auto' },
      tracking: { mlflow: 'auto', sinks: [] },
      expect: [],
    });
  });

  it('freezes the spec to the last option', async () => {
    const spec = await resolve(minimal, 'controls=[centralized]');
    for (const part of [spec, spec.client.optimizer, spec.model.hidden, spec.controls, spec.controls[0]?.client]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('lists the plugins to load between its two phases, with their places', async () => {
    const parsed = await parseSpec('spec.yaml', `${minimal}plugins: [./mine.ts, my-package]`, []);
    expect(parsed.plugins).toEqual([
      { specifier: './mine.ts', place: { file: 'spec.yaml', line: 9, column: 11 } },
      { specifier: 'my-package', place: { file: 'spec.yaml', line: 9, column: 22 } },
    ]);
  });

  it('stops before loading plugins where their list is wrong', async () => {
    await expect(parseSpec('spec.yaml', `${minimal}plugins: ./mine.ts`, [])).rejects.toMatchObject({
      code: 'FEDX_SPEC_INVALID',
      diagnostics: [
        {
          message:
            'plugins must be a list, each a file (./my-strategy.ts) or the name of a package, got the text "./mine.ts".',
        },
      ],
    });
  });

  it('reports what both phases find at once, sorted by place', async () => {
    const text = minimal.replace('mlp', 'mpl').replace('rounds: 3', 'rounds: 0').replace('0.1', '-1');
    expect(await refusal(text, 'strategy.mu=1')).toEqual([
      'Unknown model "mpl".',
      'client.optimizer.learningRate must be a number above 0, got -1.',
      'server.rounds must be an integer from 1 to 1000000, got 0.',
      'Unknown option "mu" of the strategy fedavg.',
    ]);
  });

  it('blames the schema of a plugin on the plugin', async () => {
    const broken = { type: 'object', properties: { x: { type: 'nonsense' } } } as { readonly type: 'object' };
    const strategy = defineStrategy({
      name: 'broken',
      options: broken,
      create: () => ({ aggregate: ({ global }) => ({ global }) }),
    });
    const parsed = await parseSpec('spec.yaml', minimal, ['strategy.use=broken']);
    await expect(resolveSpec(parsed, catalogue.with([{ plugin: strategy, origin: './x.ts' }]))).rejects.toMatchObject({
      code: 'FEDX_PLUGIN_INVALID',
      place: { plugin: 'broken' },
    });
  });
});

describe('the holdout', () => {
  it('has no test share where the dataset brings its own test set', async () => {
    expect((await resolve(minimal, 'dataset.split=standard')).holdout).toEqual({ validation: 0 });
    expect(await refusal(minimal, 'dataset.split=standard', 'holdout.test=0.2')).toEqual([
      'The dataset brings its own test set here, so holdout.test has nothing to do.',
    ]);
  });

  it('has none either where the dataset plugin says that it always brings one', async () => {
    const load = () => Promise.reject(new Error('not here'));
    const options = { type: 'object', properties: {}, additionalProperties: false } as const;
    const dataset = defineDataset({ name: 'own', options, holdsOut: true, load });
    const parsed = await parseSpec('spec.yaml', minimal, ['dataset={ use: own }']);
    const { holdout } = await resolveSpec(parsed, catalogue.with([{ plugin: dataset, origin: './own.ts' }]));
    expect(holdout).toEqual({ validation: 0 });
  });

  it('leaves something to train on', async () => {
    expect((await resolve(minimal, 'holdout={test: 0.5, validation: 0.4}')).holdout).toEqual({
      test: 0.5,
      validation: 0.4,
    });
    expect(await refusal(minimal, 'holdout.validation=0.9')).toHaveLength(1);
    expect((await resolve(minimal, 'holdout.validation=0.9', 'dataset.split=standard')).holdout.validation).toBe(0.9);
    expect(await refusal(minimal, 'holdout={test: 0, validation: 1}')).toEqual([
      'holdout.test must be a number above 0 and below 1, got 0.',
      'holdout.validation must be a number of at least 0 and below 1, got 1.',
    ]);
  });
});

describe('controls', () => {
  const client = {
    epochs: 1,
    batchSize: 32,
    lastBatch: 'keep',
    optimizerState: 'reset',
    onFailure: 'fail',
    schedule: { use: 'constant' },
    clip: {},
  };
  const optimizer = { use: 'sgd', learningRate: 0.1, momentum: 0 };

  it('train as the federated clients do unless they say otherwise', async () => {
    const { controls } = await resolve(minimal, 'controls=[iid, centralized, { use: local-only, name: alone }]');
    expect(controls).toEqual([
      { use: 'iid', name: 'iid', client: { ...client, optimizer } },
      { use: 'centralized', name: 'centralized', client: { ...client, optimizer }, match: 'examples' },
      { use: 'local-only', name: 'alone', client: { ...client, optimizer } },
    ]);
  });

  it('lay their client over the federated one: the same optimizer merges, another replaces it', async () => {
    const { controls } = await resolve(
      minimal,
      'controls=[{ use: iid, client: { epochs: 5, optimizer: { momentum: 0.9 } } }, { use: centralized, epochs: 7, client: { optimizer: { use: adam } } }]',
    );
    expect(controls.map((control) => control.client)).toEqual([
      { ...client, epochs: 5, optimizer: { ...optimizer, momentum: 0.9 } },
      { ...client, optimizer: { use: 'adam', learningRate: 0.001 } },
    ]);
    expect(controls[1]).toMatchObject({ epochs: 7 });
  });

  it('are checked against their own optimizer', async () => {
    expect(
      await refusal(minimal, 'controls=[{ use: iid, client: { optimizer: { use: adam, momentum: 1 } } }]'),
    ).toEqual(['Unknown option "momentum" of the optimizer adam.']);
  });

  it('report an error that they share with the federated client once', async () => {
    const text = minimal.replace('learningRate: 0.1', 'learningRate: fast');
    expect(await refusal(text, 'controls=[{ use: iid, client: { optimizer: { momentum: 1 } } }]')).toEqual([
      'client.optimizer.learningRate must be a number above 0, got the text "fast".',
    ]);
  });

  it('have names of their own, and options that go together', async () => {
    const controls = `[iid, iid, { use: iid, name: federated }, { use: iid, name: b, epochs: 2 }, { use: centralized, epochs: 1, match: steps }, { use: iid, name: ../x }]`;
    expect(await refusal(minimal, `controls=${controls.replace(', { use: iid, name: ../x }', '')}`)).toEqual([
      'Two controls are called iid.',
      'The name federated belongs to the federated run.',
      'The control iid has no epochs.',
      'Epochs and match are both given, but each alone says how long the control trains.',
    ]);
    expect(await refusal(minimal, 'controls=[{ use: iid, name: ../x }, other]')).toEqual([
      'controls.0.name must be 1 to 100 characters of A-Z a-z 0-9 . _ - that do not start with a dot, got the text "../x".',
      'controls.1 must be iid, centralized or local-only, got the text "other".',
    ]);
  });
});
