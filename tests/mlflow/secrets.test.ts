import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { type Ended, startFedx } from './fedx.js';

const CANARY = 'canary-7f3a91c2';

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
  MLFLOW_TRACKING_URI: `http://me:${CANARY}@127.0.0.1:9/`,
  MLFLOW_TRACKING_PASSWORD: CANARY,
};
const strategy = [
  'plugins=[./indiscreet.ts]',
  'strategy={ use: indiscreet, apiKey: "${env:HUB_API_KEY}", address: "${env:HUB_ADDRESS}" }',
];

let project: Project;
const said: string[] = [];

beforeAll(async () => {
  project = await createProject();
  await project.write('indiscreet.ts', indiscreet);
});
afterAll(() => project.remove());

async function fedx(...args: readonly string[]): Promise<Ended> {
  const ended = await startFedx(args, project.folder, env).ended;
  said.push(ended.stdout, ended.stderr);
  return ended;
}

/** Every file below a folder that holds the canary. */
function filesWithCanary(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .filter((name) => readFileSync(join(folder, name)).includes(CANARY));
}

describe('a secret', () => {
  it('that a spec names by its variable reaches the plugin, and nobody else', { timeout: 240_000 }, async () => {
    const run = await fedx('run', 'spec.yaml', ...strategy, 'server.rounds=2', '--json', '--junit', '.fedx/junit.xml');
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain('signed in with *');
    expect(run.stdout).toContain('MLflow');
    const failed = await fedx(
      'run',
      'spec.yaml',
      ...strategy,
      'strategy.fails=true',
      'tracking.mlflow=off',
      '--junit',
      '.fedx/failed.xml',
    );
    expect(failed.exitCode).toBe(4);
    expect(failed.stderr).toMatch(/401 for \*+ at https:\/\/\*+@127\.0\.0\.1\/\?token=\*/);
    expect((await fedx('plan', 'spec.yaml', ...strategy, '--explain')).stdout).toContain('${env:HUB_API_KEY}');
    await fedx('runs', 'show', 'latest', '--json');
    await fedx('resume', 'latest');
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
    expect(filesWithCanary(project.folder)).toEqual([]);
  });
});
