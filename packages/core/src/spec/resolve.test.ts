import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCatalogue,
  defineDataset,
  defineModel,
  defineOptimizer,
  definePartitioner,
  defineSampler,
  defineSchedule,
  defineStrategy,
} from '../plugins/index.js';
import type { ExperimentSpec } from './experiment-spec.js';
import { hashSpec, printSpec } from './print.js';
import { parseSpec, resolveSpec } from './resolve.js';

/** Options are all that a spec sees of a plugin; nothing here ever runs. */
const never = (): never => {
  throw new TypeError('validation runs no plugin');
};
const none = { type: 'object' } as const;
const rate = { type: 'number', exclusiveMinimum: 0 } as const;

const catalogue = createCatalogue([
  defineDataset({
    name: 'digits',
    options: { type: 'object', properties: { split: { enum: ['pooled', 'standard'], default: 'pooled' } } } as const,
    load: never,
  }),
  definePartitioner({
    name: 'iid',
    options: {
      type: 'object',
      properties: { clients: { type: 'integer', minimum: 1 } },
      required: ['clients'],
    } as const,
    partition: never,
  }),
  defineModel({
    name: 'mlp',
    options: {
      type: 'object',
      properties: { hidden: { type: 'array', items: { type: 'integer' }, default: [10] } },
    } as const,
    create: never,
  }),
  defineOptimizer({
    name: 'sgd',
    options: {
      type: 'object',
      properties: { learningRate: rate, momentum: { type: 'number', default: 0 } },
      required: ['learningRate'],
    } as const,
    create: never,
  }),
  defineOptimizer({
    name: 'adam',
    options: { type: 'object', properties: { learningRate: { ...rate, default: 0.001 } } } as const,
    create: never,
  }),
  defineSchedule({ name: 'constant', options: none, create: never }),
  defineStrategy({ name: 'fedavg', options: none, create: never }),
  defineStrategy({
    name: 'open',
    options: {
      type: 'object',
      additionalProperties: true,
      properties: { mu: { type: 'number' }, note: { type: 'string' } },
    } as const,
    create: never,
  }),
  defineSampler({ name: 'all', options: none, sample: never }),
  defineSampler({
    name: 'fraction',
    options: { type: 'object', properties: { of: { type: 'number', default: 0.1 } } } as const,
    sample: never,
  }),
]);

const minimal = `apiVersion: fedx/v1
name: minimal
dataset: { use: digits }
partition: { use: iid, clients: 10 }
model: { use: mlp }
client:
  optimizer: { use: sgd, learningRate: 0.1 }
server: { rounds: 3 }
`;

async function resolve(text: string, ...overrides: readonly string[]): Promise<ExperimentSpec> {
  return resolveSpec(await parseSpec('spec.yaml', text, overrides), catalogue);
}

/** The messages of all diagnostics. */
async function refusal(text: string, ...overrides: readonly string[]): Promise<readonly string[]> {
  const error: unknown = await resolve(text, ...overrides).catch((cause: unknown) => cause);
  const diagnostics: unknown = Reflect.get(Object(error), 'diagnostics');
  return Array.isArray(diagnostics) ? diagnostics.map(({ message }: { message: string }) => message) : [];
}

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
      tracking: { mlflow: 'auto' },
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
    const strategy = defineStrategy({ name: 'broken', options: broken, create: never });
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
      'With dataset.split: standard the dataset brings its own test set, so holdout.test has nothing to do.',
    ]);
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

describe('expectations', () => {
  it('name an arm of the spec and bounds in order', async () => {
    const expectation = (arm: string, within: string) =>
      `expect=[{ arm: ${arm}, metric: test/accuracy, within: ${within} }]`;
    expect((await resolve(minimal, 'controls=[iid]', expectation('iid', '[0, 1]'))).expect).toEqual([
      { arm: 'iid', metric: 'test/accuracy', at: 'last', within: [0, 1] },
    ]);
    expect(await refusal(minimal, expectation('centralized', '[0.9, 0.8]'))).toEqual([
      'There is no arm "centralized".',
      'No value lies within [0.9, 0.8].',
    ]);
    expect(await refusal(minimal, expectation('federated', '[0.9]'))).toEqual([
      'expect.0.within must be a list [low, high], got a list.',
    ]);
  });

  it.each([
    ['at: best', 'best'],
    ['at: 3', 3],
    ['at: { meanOfLast: 2 }', { meanOfLast: 2 }],
    ['at: { roundsTo: 0.97 }', { roundsTo: 0.97 }],
  ])('may be about another figure: %s', async (text, at) => {
    const request = `expect=[{ arm: federated, metric: test/accuracy, ${text}, within: [0, 1] }]`;
    expect((await resolve(minimal, 'server.rounds=10', request)).expect).toMatchObject([{ at }]);
  });

  it.each([
    [
      'at: first',
      'expect.0.at must be last, best, a step, or a mapping with meanOfLast or roundsTo, got the text "first".',
    ],
    ['at: 0', 'expect.0.at must be last, best, a step, or a mapping with meanOfLast or roundsTo, got 0.'],
    [
      'at: {}',
      'expect.0.at must be last, best, a step, or a mapping with either meanOfLast or roundsTo, got a mapping.',
    ],
    ['at: { roundTo: 0.97 }', 'Unknown key "roundTo" in expect.0.at.'],
    [
      'at: { roundsTo: 0.97, meanOfLast: 3 }',
      'expect.0.at must be last, best, a step, or a mapping with either meanOfLast or roundsTo, got a mapping.',
    ],
    ['at: 11', 'There is no step 11: the run has 10 rounds.'],
    ['at: 3', 'Step 3 is not evaluated: evaluate.every is 2.'],
    ['within: [1, 20], at: { roundsTo: 0.97 }', 'Up to 20 rounds are to pass, but the run ends after 10.'],
    ['published: 0.9', 'A published figure needs its source.'],
    ['source: table 1', 'There is a source, but no published figure.'],
  ])('refuse what no run can meet or nobody can look up: %s', async (text, message) => {
    const within = text.startsWith('within') ? '' : ', within: [0, 1]';
    const request = `expect=[{ arm: federated, metric: test/accuracy, ${text}${within} }]`;
    expect(await refusal(minimal, 'server.rounds=10', 'evaluate.every=2', request)).toEqual([message]);
  });

  it('leave the steps of a centralized arm open, whose number of epochs the data decides', async () => {
    const request = 'expect=[{ arm: centralized, metric: test/accuracy, at: 40, within: [0, 1] }]';
    expect((await resolve(minimal, 'server.rounds=10', 'controls=[centralized]', request)).expect).toHaveLength(1);
  });
});

describe('a printed spec', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}$/);
  const share = fc.double({ min: 0.01, max: 0.4, noNaN: true });
  const positive = fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true });
  const sgd = fc.record({ use: fc.constant('sgd'), learningRate: positive }, { requiredKeys: ['use', 'learningRate'] });
  const adam = fc.record({ use: fc.constant('adam'), learningRate: positive }, { requiredKeys: ['use'] });
  const client = {
    epochs: fc.integer({ min: 1, max: 10_000 }),
    batchSize: fc.oneof(fc.integer({ min: 1, max: 65_536 }), fc.constant('all')),
    lastBatch: fc.constantFrom('keep', 'drop'),
  };
  const overlay = fc.record({ ...client, optimizer: adam }, { requiredKeys: [] });
  const controls = fc.constantFrom('iid', 'centralized', 'local-only').chain((use) =>
    fc.record(
      {
        use: fc.constant(use),
        client: overlay,
        ...(use === 'centralized' && { epochs: fc.integer({ min: 1, max: 1000 }) }),
      },
      { requiredKeys: ['use'] },
    ),
  );
  const note = fc.oneof(
    fc.string(),
    fc.constantFrom('yes', 'null', '1e3', '<<', '*a', '# x', '\n a\n', '0x1f', '2001-01-01'),
  );
  const open = fc.dictionary(
    fc.string().filter((key) => !['use', 'mu', 'note'].includes(key)),
    fc.oneof(note, positive, fc.boolean()),
  );
  const specs = fc.record(
    {
      apiVersion: fc.constant('fedx/v1'),
      name,
      seed: fc.maxSafeNat(),
      seeds: fc.record({ partition: fc.maxSafeNat(), init: fc.maxSafeNat() }, { requiredKeys: [] }),
      dataset: fc.record({ use: fc.constant('digits') }),
      partition: fc.record({ use: fc.constant('iid'), clients: fc.integer({ min: 1 }) }),
      holdout: fc.record({ test: share, validation: share }, { requiredKeys: [] }),
      model: fc.record({ use: fc.constant('mlp'), hidden: fc.array(fc.integer()) }, { requiredKeys: ['use'] }),
      client: fc.record({ ...client, optimizer: sgd }, { requiredKeys: ['optimizer'] }),
      strategy: fc
        .record(
          { use: fc.constant('open'), mu: fc.double({ noNaN: true, noDefaultInfinity: true }), note },
          { requiredKeys: ['use'] },
        )
        .chain((strategy) => open.map((options) => ({ ...options, ...strategy }))),
      server: fc.record(
        { rounds: fc.integer({ min: 1, max: 1_000_000 }), cohort: fc.constant({ use: 'fraction' }) },
        { requiredKeys: ['rounds'] },
      ),
      controls: fc.uniqueArray(controls, { selector: ({ use }) => use }),
      expect: fc.array(
        fc.record({
          arm: fc.constant('federated'),
          metric: fc.constant('test/loss'),
          within: share.map((low) => [low, 1]),
        }),
      ),
    },
    { requiredKeys: ['apiVersion', 'name', 'dataset', 'partition', 'model', 'client', 'server'] },
  );

  it('resolves to the same spec, with the same hash', async () => {
    await fc.assert(
      fc.asyncProperty(specs, async (written) => {
        // JSON is YAML, but for integers past 2^53, which a spec writes with an exponent.
        const json = JSON.stringify(written, (_, value: unknown) =>
          typeof value === 'number' && Math.abs(value) > 2 ** 53 ? 1 : value,
        );
        const spec = await resolve(json);
        const again = await resolve(printSpec(spec));
        expect(again).toEqual(spec);
        expect(hashSpec(again)).toBe(hashSpec(spec));
      }),
      { numRuns: 200 },
    );
  });

  it('writes very large numbers so that they can be read again', async () => {
    const spec = await resolve(minimal, 'strategy={use: open, mu: 1e300, note: "1e300"}');
    expect(printSpec(spec)).toContain('mu: 1e+300\n  note: "1e300"\n');
    expect((await resolve(printSpec(spec))).strategy).toEqual({ use: 'open', mu: 1e300, note: '1e300' });
  });

  it('takes an address of a server for tracking, but none that holds credentials', async () => {
    expect((await resolve(minimal, 'tracking.mlflow=https://host:5000/path')).tracking.mlflow).toBe(
      'https://host:5000/path',
    );
    for (const wrong of ['http://ada:secret@host', 'http://host?token=secret', 'sqlite:///mlflow.db', 'on']) {
      await expect(resolve(minimal, `tracking.mlflow="${wrong}"`)).rejects.toMatchObject({ code: 'FEDX_SPEC_INVALID' });
    }
  });

  it('is hashed by what decides its results, however it is written', async () => {
    const hash = hashSpec(await resolve(minimal));
    const reordered = minimal
      .split('\n')
      .toReversed()
      .join('\n')
      .replace(/ {2}optimizer.*\nclient:/, 'client: { optimizer: { learningRate: 0.1, use: sgd } }');
    expect(hashSpec(await resolve(reordered))).toBe(hash);
    expect(
      hashSpec(
        await resolve(minimal, 'name=other', 'executor.workers=7', 'tracking.mlflow=off', 'server.maxSeconds=9'),
      ),
    ).toBe(hash);
    expect(hashSpec(await resolve(minimal, 'seed=2'))).not.toBe(hash);
    expect(hashSpec(await resolve(minimal, 'client.optimizer.momentum=0.1'))).not.toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
