import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project, type Run, resultsOf } from './tiny-federation.js';

/** FedAvg whose clients with `who` examples fail from round 2 on, in the way of `how`, in their first `times` attempts of a round. */
const failing = `import { defineStrategy, parameters as p } from '@fedx/core';
const tried = new Map();
const ways = {
  throws: async () => { throw new Error('the battery is empty'); },
  hangs: () => new Promise(() => {}),
};
export default defineStrategy({
  name: 'failing',
  options: { type: 'object', additionalProperties: false, properties: {
    how: { type: 'string' }, who: { type: 'array', items: { type: 'integer' } }, times: { type: 'integer', default: 1000000 },
    least: { type: 'integer', default: 1 } } },
  create: ({ how, who, times, least }) => ({
    leastCohort: { clients: least, rule: 'as told', option: 'least' },
    broadcast: ({ round }) => ({ round }),
    client: {
      init: () => ({ rounds: 0 }),
      end: async ({ broadcast, state, examples }) => {
        if (broadcast.round >= 2 && who.includes(examples)) {
          const key = [broadcast.round, examples].join();
          tried.set(key, (tried.get(key) ?? 0) + 1);
          if (tried.get(key) <= times) await ways[how]();
        }
        return { state: { rounds: state.rounds + 1 }, report: { rounds: state.rounds } };
      },
    },
    aggregate: ({ global, updates }) => ({
      global: p.add(global, updates.mean()),
      log: Object.fromEntries([...updates].map(({ client, report }) => [\`rounds-of-\${client}\`, report.rounds])),
    }),
  }),
});
`;

/** Clients of different sizes, so that a client is known by its examples. */
const federation = [
  'plugins=[./failing.ts]',
  'strategy.use=failing',
  'partition={ use: quantity, clients: 5, rule: linear }',
  'server.rounds=4',
];

let project: Project;
let healthy: Run;
let examples: readonly number[];

beforeAll(async () => {
  project = await createProject();
  await project.write('failing.ts', failing);
  healthy = await project.run([...federation, 'strategy.who=[]', 'client.onFailure=exclude']);
  if (healthy.error !== undefined) throw healthy.error as Error;
  const { clients } = JSON.parse(await readFile(join(healthy.folder, 'partition.json'), 'utf8')) as {
    readonly clients: readonly { readonly train: { readonly examples: number } }[];
  };
  examples = clients.map(({ train }) => train.examples);
});
afterAll(() => project.remove());

const run = (how: string, clients: readonly number[], ...more: string[]): Promise<Run> =>
  project.run([
    ...federation,
    `strategy.how=${how}`,
    `strategy.who=[${clients.map((client) => examples[client]).join()}]`,
    ...more,
  ]);

const failuresOf = ({ events }: Run) =>
  events.flatMap((entry) => (entry.type === 'client-failed' ? [[entry.step, entry.client, entry.code]] : []));

const metricOf = ({ events }: Run, key: string) =>
  events.flatMap((entry) => (entry.type === 'step-completed' ? [entry.metrics[key]] : []));

describe('a client that fails', () => {
  it('ends the run where nothing else is said, and is named', async () => {
    expect(new Set(examples).size).toBe(5);
    const { error } = await run('throws', [3]);
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringMatching(/client 3's round 2.*the battery is empty/),
    });
  });

  it('is left out of its round, keeps what it had, and is counted', async () => {
    const excluded = await run('throws', [1, 3], 'client.onFailure=exclude');
    expect(excluded.error).toBeUndefined();
    expect(failuresOf(excluded).toSorted()).toEqual(
      [2, 3, 4].flatMap((round) => [1, 3].map((client) => [round, client, 'FEDX_PLUGIN_FAILED'])),
    );
    expect(metricOf(excluded, 'clients/failed')).toEqual([0, 2, 2, 2]);
    expect(metricOf(excluded, 'strategy/rounds-of-0')).toEqual([0, 1, 2, 3]);
    expect(metricOf(excluded, 'strategy/rounds-of-1')).toEqual([0, undefined, undefined, undefined]);
  });

  it('is tried again where the spec says so, and then gives the bits of one that never failed', async () => {
    const retried = await run('throws', [1, 3], 'client.onFailure=retry', 'strategy.times=2');
    expect(failuresOf(retried)).toEqual([]);
    expect(await resultsOf(retried)).toEqual(await resultsOf(healthy));
  });

  it('is left out after its third attempt', async () => {
    const retried = await run('throws', [2], 'client.onFailure=retry', 'server.rounds=2');
    expect(failuresOf(retried)).toEqual([[2, 2, 'FEDX_PLUGIN_FAILED']]);
  });

  it('has failed when its time is over', async () => {
    const excluded = await run('hangs', [4], 'client.onFailure=exclude', 'client.timeout=2', 'server.rounds=2');
    expect(failuresOf(excluded)).toEqual([[2, 4, 'FEDX_CLIENT_TIMEOUT']]);
    const { error } = await run('hangs', [4], 'client.timeout=1');
    expect(error).toMatchObject({ code: 'FEDX_CLIENT_TIMEOUT', place: { round: 2, client: 4 } });
  });

  it('has failed where its local training takes too long, and its worker is given up', async () => {
    const { error, events } = await project.run([
      'client.epochs=10000',
      'client.batchSize=1',
      'client.timeout=1',
      'client.onFailure=exclude',
    ]);
    expect(error).toMatchObject({ code: 'FEDX_COHORT_TOO_SMALL', place: { round: 1 } });
    expect(failuresOf({ error, events, folder: '', programs: [] })).toHaveLength(5);
  });

  it.each(['exclude', 'retry'])('leaves no NaN behind where its training diverges (%s)', async (onFailure) => {
    const { error, events } = await project.run([
      'client.optimizer.learningRate=1e30',
      `client.onFailure=${onFailure}`,
    ]);
    expect(error).toMatchObject({ code: 'FEDX_COHORT_TOO_SMALL', message: expect.stringContaining('0 of 5 clients') });
    expect(failuresOf({ error, events, folder: '', programs: [] })).toEqual(
      expect.arrayContaining([0, 1, 2, 3, 4].map((client) => [1, client, 'FEDX_RUN_DIVERGED'])),
    );
  });

  it('has failed where its update is longer than allowed', async () => {
    const { error } = await project.run(['client.maxUpdateNorm=1e-6']);
    expect(error).toMatchObject({ code: 'FEDX_RUN_DIVERGED', message: expect.stringContaining('maxUpdateNorm') });
  });

  it('ends the run where fewer are left than a round must have', async () => {
    const enough = await run('throws', [0, 1], 'client.onFailure=exclude', 'server.minimumCohort=3');
    expect(enough.error).toBeUndefined();
    const { error } = await run('throws', [0, 1, 2], 'client.onFailure=exclude', 'server.minimumCohort=3');
    expect(error).toMatchObject({
      code: 'FEDX_COHORT_TOO_SMALL',
      message: 'Round 2 (arm federated) has 2 of 5 clients left; 3 are needed.',
    });
  });

  it.each([
    ['the federation has', [], 'no more than 5 arrive in round 1', 'Lower server.minimumCohort to 5,'],
    ['a round samples', ['server.cohort={ use: uniform, share: 0.4 }'], 'no more than 2 arrive in round 1', 'to 2,'],
    ['are not all lost', ['environment.stragglers={ share: 1, policy: drop }'], 'no more than 0 arrive', 'to 1,'],
    ['are not lost', ['environment.stragglers={ share: 0.6, policy: drop }'], 'no more than 2 arrive', 'to 2,'],
  ])('is refused before anything runs where more are asked for than %s', async (_, overrides, message, hint) => {
    const { error, events } = await project.run(['server.minimumCohort=6', ...overrides]);
    expect(error).toMatchObject({
      code: 'FEDX_COHORT_TOO_LARGE',
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
      place: { round: 1 },
    });
    expect(events).toEqual([]);
    const least = await project.run([
      `server.minimumCohort=${hint === 'to 1,' ? 1 : 2}`,
      'server.rounds=1',
      ...overrides,
    ]);
    expect(least.error).toBeUndefined();
  });

  it('ends the run where fewer are left than the strategy may aggregate', async () => {
    const enough = await run('throws', [0], 'client.onFailure=exclude', 'strategy.least=4', 'server.rounds=2');
    expect(enough.error).toBeUndefined();
    const { error } = await run('throws', [0, 1], 'client.onFailure=exclude', 'strategy.least=4');
    expect(error).toMatchObject({
      code: 'FEDX_STRATEGY_UNMET',
      message: expect.stringContaining('at least 4 clients (as told), but round 2 has 3') as string,
      place: { plugin: 'failing', round: 2 },
    });
  });

  it.each([
    ['the federation is too small', 'strategy.least=6', /round 1 has 5/],
    ['the sampler draws too few', 'server.cohort={ use: uniform, clients: 3 }', /round 1 has 3/],
    ['some updates are lost', 'environment.dropouts.probability=0.4', /round [1-4] has [1-4]/],
  ])('has not begun where a round is planned with fewer: %s', async (_, override, has) => {
    const { error, events } = await run('throws', [], 'strategy.least=5', override);
    expect(events).toEqual([]);
    expect(error).toMatchObject({
      code: 'FEDX_STRATEGY_UNMET',
      place: { plugin: 'failing' },
      message: expect.stringMatching(has) as string,
      hint: expect.stringContaining('strategy.least') as string,
    });
  });
});

/** Label k shows in pixel k; images of label 3 have no finite loss in training. */
const broken = `import { defineModel } from '@fedx/core';
export default defineModel({
  name: 'broken-for-one-label',
  options: { type: 'object', properties: {}, required: [], additionalProperties: false },
  create: (_, { classes }) => ({
    init: () => ({ w: { shape: [20, classes], data: new Float32Array(20 * classes) } }),
    apply: ({ tf, parameters, inputs, mode }) => {
      const x = tf.reshape(inputs, [-1, 20]);
      const isFine = tf.cast(tf.less(tf.slice(x, [0, 3], [-1, 1]), 0.5), 'float32');
      const logits = tf.matMul(x, parameters.w);
      return { logits: mode === 'train' ? tf.div(logits, isFine) : logits };
    },
  }),
});
`;

describe('a candidate that fails', () => {
  const candidates = [
    'plugins=[./broken.js]',
    'model={ use: broken-for-one-label }',
    'partition={ use: dominant-label, clients: 10, dominantShare: 1 }',
    'server.rounds=2',
    'server.cohort={ use: power-of-choice, clients: 4, candidates: 10 }',
  ];

  beforeAll(() => project.write('broken.js', broken));

  it('ends the run where nothing else is said', async () => {
    const { error } = await project.run(candidates);
    expect(error).toMatchObject({ code: 'FEDX_RUN_DIVERGED', place: { round: 1, client: 3 } });
  });

  it('is left out of the round, named and counted', async () => {
    const one = await project.run([...candidates, 'client.onFailure=exclude']);
    expect(one.error).toBeUndefined();
    expect(failuresOf(one)).toEqual([1, 2].map((round) => [round, 3, 'FEDX_RUN_DIVERGED']));
    expect(metricOf(one, 'clients/failed')).toEqual([1, 1]);
  });

  it('ends the run where too few are left', async () => {
    const { error } = await project.run([
      ...candidates.slice(0, -1),
      'server.cohort={ use: power-of-choice, clients: 10, candidates: 10 }',
      'server.minimumCohort=10',
      'client.onFailure=exclude',
    ]);
    expect(error).toMatchObject({ code: 'FEDX_COHORT_TOO_SMALL' });
  });
});
