import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunReport } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, startFedx } from '../e2e/fedx.js';
import { images } from './tiny-federation.js';

const secret = 'correct-horse-battery-staple';

/** A strategy that works only for those who know the secret. */
const strategy = `import { defineStrategy, FedxError } from '@fedx/core';
export default defineStrategy({
  name: 'guarded',
  options: { type: 'object', properties: { token: { type: 'string' }, note: { type: 'string' } } } as const,
  create: ({ token, note }) => {
    if (token !== 'Bearer ${secret}') throw new FedxError('FEDX_PLUGIN_FAILED', 'No entrance.');
    if (note !== 'by ada, $' + '{env:HOME}') throw new FedxError('FEDX_PLUGIN_FAILED', 'What note?');
    return { aggregate: ({ global }) => ({ global }) };
  },
});
`;

const base = `apiVersion: fedx/v1
plugins: [./plugins/guarded.ts]
dataset: { use: mnist, path: ./data, split: pooled }
partition: { use: iid, clients: 2 }
model: { use: mlp, hidden: [4], activation: relu }
client: { epochs: 1, batchSize: 32, optimizer: { use: sgd, learningRate: 0.1 } }
`;
const spec = `extends: ../shared/base.yaml
name: "by-\${env:FEDX_TEST_AUTHOR}"
server: { rounds: 1 }
strategy:
  use: guarded
  token: Bearer \${env:FEDX_TEST_TOKEN}
  note: by \${env:FEDX_TEST_AUTHOR}, $\${env:HOME}
`;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fedx-resolved-'));
  const [train, test] = [images(330), images(50, 330)];
  await write('shared/base.yaml', base);
  await write('shared/plugins/guarded.ts', strategy);
  await write('shared/data/train-images-idx3-ubyte', train.images);
  await write('shared/data/train-labels-idx1-ubyte', train.labels);
  await write('shared/data/t10k-images-idx3-ubyte', test.images);
  await write('shared/data/t10k-labels-idx1-ubyte', test.labels);
  await write('study/spec.yaml', spec);
  await mkdir(join(root, 'elsewhere', 'deep'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

async function write(name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), content);
}

function fedx(args: readonly string[], folder: string, environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const known = { FEDX_TEST_AUTHOR: 'ada', FEDX_TEST_TOKEN: secret };
  return startFedx(args, join(root, folder), { ...known, ...environment }).ended;
}

/** Runs `spec` in `folder`; the run's own folder, absolute, and what it reported. */
async function run(specFile: string, folder: string): Promise<{ directory: string; report: RunReport }> {
  const { exitCode, stdout, stderr } = await fedx(['run', specFile, '--json'], folder);
  expect(stderr + (exitCode === 0 ? '' : stdout)).toBe('');
  const report = JSON.parse(stdout) as RunReport;
  return { directory: join(root, folder, report.runs[0]?.directory ?? ''), report };
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

describe('the resolved spec of a run', () => {
  it('runs again from anywhere, to the same results and hash', async () => {
    const first = await run('spec.yaml', 'study');
    const resolved = join(first.directory, 'spec.resolved.yaml');
    const second = await run(resolved, 'elsewhere/deep');
    const third = await run(join(second.directory, 'spec.resolved.yaml'), '.');
    const hash = async (directory: string) =>
      (JSON.parse(await readFile(join(directory, 'environment.json'), 'utf8')) as { specHash: string }).specHash;
    for (const again of [second, third]) {
      expect(again.report.runs[0]?.metrics['test/loss']).toEqual(first.report.runs[0]?.metrics['test/loss']);
      expect(await hash(again.directory)).toBe(await hash(first.directory));
    }
    expect(await readFile(resolved, 'utf8')).toContain('directory: ../../..\n');
    expect(await readFile(resolved, 'utf8')).toContain('- ../shared/plugins/guarded.ts\n');
  });

  it('holds values of the environment, but of a secret only the name, and so does every other file of the run', async () => {
    const { directory } = await run('spec.yaml', 'study');
    const text = await readFile(join(directory, 'spec.resolved.yaml'), 'utf8');
    expect(text).toContain('name: by-ada\n');
    expect(text).toContain('token: Bearer ${env:FEDX_TEST_TOKEN}\n');
    const files = await filesUnder(directory);
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) expect((await readFile(file)).includes(secret), file).toBe(false);
  });

  it('is shown without the secret too', async () => {
    const [validated, explained, asJson, refused] = await Promise.all([
      fedx(['validate', 'spec.yaml', '--json'], 'study'),
      fedx(['plan', 'spec.yaml', '--explain'], 'study'),
      fedx(['plan', 'spec.yaml', '--explain', '--json'], 'study'),
      fedx(['validate', 'spec.yaml', 'strategy.token=[1, "${env:FEDX_TEST_TOKEN}"]'], 'study'),
    ]);
    const told = [validated, explained, asJson, refused];
    expect(told.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 2]);
    for (const { stdout, stderr } of told) expect(stdout + stderr).not.toContain(secret);
    expect(explained.stdout).toMatch(/strategy\.token .* spec\.yaml:6:10, with \$\{env:FEDX_TEST_TOKEN\}\n/);
    expect(explained.stdout).toMatch(/dataset\.path +"\.\.\/shared\/data" +\.\.\/shared\/base\.yaml:3:30\n/);
  });

  it('is not to be had where the secret is not', async () => {
    const { exitCode, stderr } = await fedx(['run', 'spec.yaml'], 'study', { FEDX_TEST_TOKEN: undefined });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('spec.yaml:6:10: The environment variable FEDX_TEST_TOKEN is not set.');
  });
});
