import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project, type Run, resultsOf } from './tiny-federation.js';

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(() => project.remove());

interface Saved {
  readonly dataset: string;
  readonly labels: readonly (readonly number[])[];
  readonly clients: readonly { readonly train: { readonly rows: string } }[];
}

async function splitOf(run: Run): Promise<Saved> {
  if (run.error !== undefined) throw run.error as Error;
  return JSON.parse(await readFile(join(run.folder, 'partition.json'), 'utf8')) as Saved;
}

describe('a saved split', () => {
  it('is replayed row for row, holdouts included, whatever the seeds: the same bits come out', async () => {
    const skewed = 'partition={use: dirichlet-label, clients: 4, alpha: 0.5}';
    const saved = await project.run([skewed, 'holdout={test: 0.2, validation: 0.1}']);
    await project.write('saved.json', await readFile(join(saved.folder, 'partition.json')));
    const replay = ['partition={use: from-file, path: ./saved.json}', 'holdout={}', 'seeds={data: 99, partition: 98}'];
    const replayed = await project.run(replay);
    expect(await splitOf(replayed)).toEqual(await splitOf(saved));
    expect(await resultsOf(replayed)).toEqual(await resultsOf(saved));
  });

  it('leaves no room for a holdout of the spec', async () => {
    const { error } = await project.run(['partition={use: from-file, path: ./saved.json}']);
    expect(error).toMatchObject({
      code: 'FEDX_SPEC_INVALID',
      diagnostics: [{ path: 'holdout', message: expect.stringContaining('brings its own test and validation sets') }],
    });
  });

  it('keeps its rows and holdouts where its images are made noisy', async () => {
    const noisy = 'partition={use: feature-noise, sigma: 0.5, of: {use: from-file, path: ./saved.json}}';
    const { clients } = await splitOf(await project.run([noisy, 'holdout={}']));
    expect(clients).toEqual((JSON.parse(await readFile(join(project.folder, 'saved.json'), 'utf8')) as Saved).clients);
    const { error } = await project.run([noisy]);
    expect(error).toMatchObject({ code: 'FEDX_SPEC_INVALID', diagnostics: [{ path: 'holdout' }] });
  });

  it('is refused for other data', async () => {
    const { error } = await project.run([
      'dataset={use: synthetic, clients: 2}',
      'partition={use: from-file, path: ./saved.json}',
      'holdout={}',
    ]);
    expect(error).toMatchObject({ code: 'FEDX_PARTITION_IMPOSSIBLE' });
  });
});

describe('natural clients', () => {
  it('come from a column of a CSV file', async () => {
    const rows = Array.from({ length: 90 }, (_, i) => `${i % 3},${(i % 3) + i / 100},user-${i % 5}`);
    await project.write('table.csv', `label,x,who\n${rows.join('\n')}\n`);
    const csv = ['dataset={use: csv, path: ./table.csv, client: who}', 'partition={use: by-column}', 'model.hidden=[]'];
    const saved = await splitOf(await project.run(csv));
    expect(saved.labels).toEqual(Array(5).fill([6, 6, 6]));
    const noisy = 'partition={use: feature-noise, sigma: 0.1, of: {use: by-column}}';
    expect((await splitOf(await project.run([...csv, noisy]))).labels).toEqual(saved.labels);
    const missing = await project.run(['dataset={use: csv, path: ./table.csv, label: y}', ...csv.slice(1)]);
    expect(missing.error).toMatchObject({ code: 'FEDX_DATA_CORRUPT', exitCode: 5 });
  });

  it('are those of synthetic data, which trains', async () => {
    const run = await project.run([
      'dataset={use: synthetic, clients: 3, alpha: 0, beta: 0, iid: true}',
      'partition={use: by-column}',
      'model.hidden=[]',
      'client.optimizer.learningRate=0.05',
    ]);
    expect((await splitOf(run)).labels.length).toBe(3);
    expect(lossAt(run, 3)).toBeLessThan(lossAt(run, 1));
  });
});

function lossAt(run: Run, step: number): number {
  for (const event of run.events)
    if (event.type === 'step-completed' && event.step === step) return event.metrics['test/loss'] ?? Number.NaN;
  return Number.NaN;
}

describe('feature skew', () => {
  it('changes what clients see, not who has what, and is told apart in the cache', async () => {
    const plain = await project.run(['partition={use: iid, clients: 3}']);
    const noisy = await project.run(['partition={use: feature-noise, sigma: 0.5, of: {use: iid, clients: 3}}']);
    const still = await project.run(['partition={use: feature-noise, sigma: 0, of: {use: iid, clients: 3}}']);
    const [a, b] = [await splitOf(plain), await splitOf(noisy)];
    expect(b.clients.map(({ train }) => train.rows)).toEqual(a.clients.map(({ train }) => train.rows));
    expect(b.dataset).not.toBe(a.dataset);
    expect((await resultsOf(noisy))['federated model']).not.toEqual((await resultsOf(plain))['federated model']);
    expect(lossAt(still, 3)).toBeCloseTo(lossAt(plain, 3), 5);
  });

  it('is refused where images are not square, and an inner option is checked with its place', async () => {
    const { error } = await project.run(['partition={use: rotation, of: {use: iid, clients: 3}}']);
    // The project's images have 5 x 4 pixels.
    expect(error).toMatchObject({ code: 'FEDX_PARTITION_IMPOSSIBLE' });
    const wrong = await project.run(['partition={use: rotation, of: {use: iid, cleints: 3}}']);
    expect(wrong.error).toMatchObject({
      code: 'FEDX_SPEC_INVALID',
      diagnostics: [{ path: 'partition.of.cleints', message: expect.stringContaining('the partitioner iid') }],
    });
  });
});

it('finds the places of every bad option of a partitioner', async () => {
  const bad: readonly [string, string][] = [
    ['{use: dirichlet-class, clients: 3, alpha: 0}', 'partition.alpha'],
    ['{use: dirichlet-label, clients: 3, alpha: -1}', 'partition.alpha'],
    ['{use: quantity, clients: 0, rule: linear}', 'partition.clients'],
    ['{use: mixture, by: examples, parts: [{share: 1, of: {use: iidd, clients: 3}}]}', 'partition.parts.0.of.use'],
  ];
  for (const [partition, path] of bad) {
    const { error } = await project.run([`partition=${partition}`]);
    expect(error, partition).toMatchObject({ code: 'FEDX_SPEC_INVALID', diagnostics: [{ path }] });
  }
  const large = await project.run(['partition={use: dirichlet-class, clients: 3, alpha: 1e9}', 'server.rounds=1']);
  expect(large.error).toBeUndefined();
  const tooMany = await project.run(['partition={use: labels-per-client, clients: 3, labels: 11}']);
  expect(tooMany.error).toMatchObject({ code: 'FEDX_PARTITION_IMPOSSIBLE', exitCode: 2 });
});
