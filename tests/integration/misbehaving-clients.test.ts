import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, images, type Project, type Run, weightsOf } from './tiny-federation.js';

/** FedAvg whose clients with `who` examples fail from round 2 on, in another of the `ways` each round. */
const misbehaving = `import { defineStrategy, parameters as p } from '@fedx/core';
const factors = { nan: NaN, infinite: Infinity, huge: 1e30 };
const nothing = { shape: [0], data: new Float32Array() };
const ends = {
  throws: () => { throw new Error('the battery is empty'); },
  hangs: () => new Promise(() => {}),
  'nan-report': () => ({ report: { seen: NaN } }),
  'infinite-state': () => ({ state: { bad: Infinity, kept: { values: { shape: [2], data: new Float32Array(2) } } } }),
  'empty-state': () => ({ state: {} }),
  'wrong-shape': () => ({ state: { bad: 1, kept: { values: nothing } } }),
};
export default defineStrategy({
  name: 'misbehaving',
  options: { type: 'object', additionalProperties: false, properties: {
    ways: { type: 'array', items: { type: 'string' } }, who: { type: 'array', items: { type: 'integer' } } } },
  create: ({ ways, who }) => ({
    broadcast: ({ round }) => ({ round, factor: factors[ways[round - 2]] ?? 1 }),
    client: {
      init: () => ({ bad: 0, kept: { values: { shape: [2], data: new Float32Array(2) } } }),
      gradient: ({ tf, gradient, state, broadcast }) => Object.fromEntries(Object.entries(gradient).map(([name, g]) =>
        [name, tf.mul(g, tf.where(tf.greater(state.bad, 0.5), broadcast.factor, tf.onesLike(broadcast.factor)))])),
      end: ({ broadcast, state, examples }) => {
        const bad = who.includes(examples);
        return (bad && ends[ways[broadcast.round - 2]]?.()) || { state: { ...state, bad: bad ? 1 : 0 }, report: { seen: examples } };
      },
    },
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});
`;

/** What each way is told as. */
const misbehaviours = {
  throws: 'FEDX_PLUGIN_FAILED',
  hangs: 'FEDX_CLIENT_TIMEOUT',
  nan: 'FEDX_RUN_DIVERGED',
  infinite: 'FEDX_RUN_DIVERGED',
  huge: 'FEDX_RUN_DIVERGED',
  'nan-report': 'FEDX_RUN_DIVERGED',
  'infinite-state': 'FEDX_RUN_DIVERGED',
  'empty-state': 'FEDX_PLUGIN_FAILED',
  'wrong-shape': 'FEDX_PLUGIN_FAILED',
} as const;

let project: Project;

async function trainSizes({ error, folder }: Run): Promise<readonly number[]> {
  if (error !== undefined) throw error as Error;
  const { clients } = JSON.parse(await readFile(join(folder, 'partition.json'), 'utf8')) as {
    readonly clients: readonly { readonly train: { readonly examples: number } }[];
  };
  return clients.map(({ train }) => train.examples);
}

/** Round, client and code of each failure, in this order. */
const failuresOf = ({ events }: Run) =>
  events
    .flatMap((entry) => (entry.type === 'client-failed' ? [[entry.step, entry.client, entry.code] as const] : []))
    .toSorted(([a, k], [b, l]) => a - b || k - l);

describe('clients that misbehave in every way', () => {
  const ways = Object.keys(misbehaviours);
  const misbehave = (clients: number, who: readonly number[], inTheseWays: readonly string[]): Promise<Run> =>
    project.run([
      'plugins=[./misbehaving.ts]',
      'dataset={ use: mnist, path: ./many, split: pooled }',
      `strategy={ use: misbehaving, ways: [${inTheseWays.join()}], who: [${who.join()}] }`,
      `partition={ use: quantity, clients: ${clients}, rule: linear, minimumExamples: 1 }`,
      `server.rounds=${1 + inTheseWays.length}`,
      'client={ epochs: 1, batchSize: 64, optimizer: { use: sgd, learningRate: 0.05 }, onFailure: exclude, timeout: 3, maxUpdateNorm: 1000 }',
      'evaluate.every=100',
    ]);
  let sizes: readonly number[];
  let few: readonly number[];

  beforeAll(async () => {
    project = await createProject();
    await project.write('misbehaving.ts', misbehaving);
    await mkdir(join(project.folder, 'many'));
    const [train, test] = [images(7000), images(1000, 7000)];
    await project.write('many/train-images-idx3-ubyte', train.images);
    await project.write('many/train-labels-idx1-ubyte', train.labels);
    await project.write('many/t10k-images-idx3-ubyte', test.images);
    await project.write('many/t10k-labels-idx1-ubyte', test.labels);
    sizes = await trainSizes(await misbehave(100, [], []));
    few = await trainSizes(await misbehave(3, [], []));
  });
  afterAll(() => project.remove());

  it.each([
    [1, 1],
    [20, 20],
  ])('are left out at %i %%, each time, and no other is', async (_, count) => {
    // A client is known by its examples.
    const known = sizes.flatMap((size, client) =>
      sizes.filter((other) => other === size).length === 1 ? [client] : [],
    );
    const bad = known.slice(-count);
    expect(bad).toHaveLength(count);
    const run = await misbehave(
      100,
      bad.map((client) => sizes[client] ?? 0),
      ways,
    );
    expect(run.error).toBeUndefined();
    const expected = Object.values(misbehaviours).flatMap((code, i) => bad.map((client) => [i + 2, client, code]));
    expect(failuresOf(run)).toEqual(expected);
    const counted = run.events.flatMap((entry) =>
      entry.type === 'step-completed' ? [entry.metrics['clients/failed']] : [],
    );
    expect(counted).toEqual([0, ...ways.map(() => count)]);
    for (const values of (await weightsOf(run)).values()) expect(values.every(Number.isFinite)).toBe(true);
  });

  it.each(Object.entries(misbehaviours))('end the run where all do: %s', async (way, code) => {
    const run = await misbehave(3, few, [way]);
    expect(run.error).toMatchObject({ code: 'FEDX_COHORT_TOO_SMALL', place: { round: 2 } });
    expect(failuresOf(run)).toEqual([0, 1, 2].map((client) => [2, client, code]));
  });
});
