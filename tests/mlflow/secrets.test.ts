import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMlflowClient } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Ended, startFedx } from '../e2e/fedx.js';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { all } from './all.js';
import { versions } from './mlflow-server.js';

const CANARY = 'canary-7f3a91c2';
const experiment = `secrets-${randomUUID()}`;

/** FedAvg that says its secret wherever it can. */
const indiscreet = `import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'indiscreet',
  options: { type: 'object', additionalProperties: false, properties: {
    apiKey: { type: 'string' }, address: { type: 'string' }, fails: { type: 'boolean', default: false } } },
  create: ({ apiKey, address, fails }, { log }) => {
    if (!apiKey.startsWith('canary')) throw new Error('no key: ' + apiKey);
    log('signed in with ' + apiKey + ' at ' + address);
    return {
      aggregate: ({ global, updates, round }) => {
        if (fails && round === 2) throw new Error('401 for ' + apiKey + ' at https://me:' + apiKey + '@127.0.0.1/?token=' + apiKey);
        return { global: p.add(global, updates.mean()) };
      },
    };
  },
});
`;

const env = {
  HUB_API_KEY: CANARY,
  HUB_ADDRESS: `https://me:${CANARY}@127.0.0.1/hub?token=${CANARY}`,
  HUB_DATA_TOKEN: `./${CANARY}`,
  MLFLOW_EXPERIMENT_NAME: experiment,
  MLFLOW_TRACKING_PASSWORD: CANARY,
};
const strategy = [
  'plugins=[./indiscreet.ts]',
  'strategy={ use: indiscreet, apiKey: "${env:HUB_API_KEY}", address: "${env:HUB_ADDRESS}" }',
  'dataset.path="${env:HUB_DATA_TOKEN}"',
];

/** What the commands print that are asked for it. */
interface RunDocument {
  readonly runs: readonly { readonly id: string }[];
  readonly tracking: { readonly problem?: string };
}

const servers = inject('mlflowServers');
const nobody = 'http://127.0.0.1:9';

let project: Project;
const said: string[] = [];

beforeAll(async () => {
  project = await createProject();
  await project.write('indiscreet.ts', indiscreet);
  // Data of its own: MLflow 2 keeps the first source that it was told of a digest, whoever told it.
  const images = join(project.folder, 'data', 'train-images-idx3-ubyte');
  const bytes = readFileSync(images);
  const last = bytes.length - 1;
  writeFileSync(images, bytes.fill(255 - (bytes[last] ?? 0), last));
  renameSync(join(project.folder, 'data'), join(project.folder, CANARY));
});
afterAll(() => project.remove());

/** As a user of the MLflow server at `server`. */
async function fedxWith(server: string, ...args: readonly string[]): Promise<Ended> {
  const MLFLOW_TRACKING_URI = server.replace('//', `//me:${CANARY}@`);
  const ended = await startFedx(args, project.folder, { ...env, MLFLOW_TRACKING_URI }).ended;
  said.push(ended.stdout, ended.stderr);
  return ended;
}

const fedx = (...args: readonly string[]): Promise<Ended> => fedxWith(nobody, ...args);

/** Every file below a folder. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

const filesWith = (text: string, files: readonly string[]): readonly string[] =>
  files.filter((path) => readFileSync(path).includes(text));

describe('a secret', () => {
  it('that a spec names by its variable reaches the plugin, and nobody else', { timeout: 240_000 }, async () => {
    const junit = ['--junit', '.fedx/junit.xml'];
    const run = await fedx('run', 'spec.yaml', ...strategy, 'server.rounds=2', '--json', ...junit);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain('signed in with *');
    const { runs, tracking } = JSON.parse(run.stdout) as RunDocument;
    expect(tracking.problem).toContain(`MLflow server ${nobody}`);
    for (const server of Object.values(servers)) await fedxWith(server, 'sync', runs[0]?.id ?? '');
    const live = servers[versions[0]] ?? nobody;
    const failed = await fedxWith(live, 'run', 'spec.yaml', ...strategy, 'strategy.fails=true', ...junit);
    expect(failed.exitCode).toBe(4);
    expect(failed.stderr).toMatch(/401 for \*+ at https:\/\/\*+@127\.0\.0\.1\/\?token=\*/);
    expect((await fedx('plan', 'spec.yaml', ...strategy, '--explain')).stdout).toContain('${env:HUB_API_KEY}');
    await fedx('runs', 'show', 'latest', '--json');
    await fedxWith(live, 'resume', 'latest');
  });

  it.each([
    ['an argument', ['strategy.use=indiscreet', `strategy.apiKey=${CANARY}`], 'strategy.apiKey holds a secret'],
    ['a mapping', [`strategy={ use: indiscreet, apiKey: "${CANARY}", adress: x }`], 'strategy.apiKey holds a secret'],
    ['an address', [`dataset.path=https://me:${CANARY}@127.0.0.1/data`], 'dataset.path holds a secret'],
    ['a query', [`dataset.path=https://127.0.0.1/data?access_key=${CANARY}`], 'dataset.path holds a secret'],
    ['what is no YAML', [`strategy={ use: indiscreet, apiKey: "${CANARY}" ]`], 'FEDX_OVERRIDE_INVALID'],
    ['what is no argument', [`token=${CANARY}`], 'token'],
    ['the address of a server', [`tracking.mlflow=http://me:${CANARY}@127.0.0.1:5000`], 'tracking.mlflow'],
  ])('that is written into %s is refused, and not repeated', async (_, overrides, message) => {
    const args = ['run', 'spec.yaml', 'plugins=[./indiscreet.ts]', ...overrides];
    const text = await fedx(...args);
    expect(text.exitCode).toBe(2);
    expect(text.stderr).toContain(message);
    expect((await fedx(...args, '--json')).exitCode).toBe(2);
  });

  it('is in nothing that was said, and in no file that was written', () => {
    expect(said.length).toBeGreaterThan(20);
    expect(said.filter((text) => text.includes(CANARY))).toEqual([]);
    expect(readdirSync(join(project.folder, '.fedx', 'runs'))).toHaveLength(2);
    const data = join(project.folder, CANARY);
    expect(
      filesWith(
        CANARY,
        filesBelow(project.folder).filter((path) => !path.startsWith(data)),
      ),
    ).toEqual([]);
  });

  // All that MLflow has of a run but its artifacts is in its database, as text.
  it.skipIf(versions.some((version) => servers[version] === undefined)).each(versions)(
    'is in nothing that MLflow %s was told',
    async (version) => {
      const client = createMlflowClient({ trackingUri: servers[version] ?? '', env: {}, retries: 0 });
      const { experimentId } = await client.experiments.getOrCreate({ name: experiment });
      const runs = await all(client.runs.search({ experimentIds: [experimentId] }));
      await client.close();
      const arms = runs.filter(({ tags }) => tags['fedx.arm'] !== undefined);
      expect(arms.map(({ status }) => status).toSorted()).toEqual(
        version === versions[0] ? ['FAILED', 'FINISHED'] : ['FINISHED'],
      );
      for (const { datasets, params } of arms) {
        expect(params['strategy.apiKey']).toBe('${env:HUB_API_KEY}');
        expect(datasets[0]?.source).toContain('${env:HUB_DATA_TOKEN}');
      }
      const folder = join(inject('mlflowFolder'), version);
      const database = join(folder, 'mlflow.db');
      const artifacts = filesBelow(join(folder, 'artifacts', experimentId));
      expect(filesWith(experiment, [database])).toEqual([database]);
      expect(filesWith('${env:HUB_API_KEY}', artifacts)).not.toEqual([]);
      expect(filesWith(CANARY, [database, join(folder, 'server.log'), ...artifacts])).toEqual([]);
    },
  );
});
