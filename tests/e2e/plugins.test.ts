import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginListing } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fedx } from './fedx.js';

const plugin = (name: string) => `import { defineStrategy } from '@fedx/core';
export default defineStrategy({
  name: '${name}',
  options: {
    type: 'object',
    description: 'Keeps what it has.',
    properties: { share: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'How much.' } },
  },
  create: () => ({ aggregate: ({ global }) => ({ global }) }),
});
`;

let folder = '';
const run = (...args: string[]) => fedx(args, folder);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-e2e-plugins-'));
  await writeFile(join(folder, 'mine.ts'), plugin('mine'));
  await writeFile(join(folder, 'taken.ts'), plugin('fedavg'));
  // Listing plugins asks for no more of a spec than what it names under plugins.
  await writeFile(join(folder, 'spec.yaml'), 'plugins: [./mine.ts]\nmodle: { use: mlp }\n');
  await writeFile(join(folder, 'clash.yaml'), 'plugins: [./taken.ts]\n');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Listed {
  readonly plugins: readonly PluginListing[];
}

describe('fedx plugins', () => {
  it('lists the plugins that ship, with their package and version', async () => {
    const { exitCode, stdout } = await run('plugins');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^kind +name +from +version +options\n/);
    expect(stdout).toMatch(/\nstrategy +fedavg +@fedx\/strategies +\d+\.\d+\.\d+/);
    expect(stdout).toMatch(/\nmodel +mlp +@fedx\/models +\d+\.\d+\.\d+ +hidden=\[128\], activation=relu\n/);
  });

  it('lists those that a spec names too, as JSON if asked', async () => {
    const { exitCode, stdout, stderr } = await run('plugins', 'spec.yaml', '--json');
    expect([exitCode, stderr]).toEqual([0, '']);
    const { plugins } = JSON.parse(stdout) as Listed;
    const mine = plugins.find(({ name }) => name === 'mine');
    expect(mine).toMatchObject({ kind: 'strategy', origin: './mine.ts', options: { properties: { share: {} } } });
    expect(mine).not.toHaveProperty('version');
    expect(plugins.length).toBeGreaterThan(7);
  });

  it('names both origins where two plugins have one name', async () => {
    const { exitCode, stderr } = await run('plugins', 'clash.yaml');
    expect(exitCode).toBe(4);
    expect(stderr).toContain(
      'There are two plugins called fedavg of the kind strategy: one from @fedx/strategies, one from ./taken.ts.',
    );
  });
});

describe('fedx plugins show', () => {
  it('explains a plugin of a spec and its options', async () => {
    const { exitCode, stdout } = await run('plugins', 'show', 'strategy/mine', 'spec.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('mine  strategy, from ./mine.ts');
    expect(stdout).toContain('Keeps what it has.');
    expect(stdout).toContain('strategy: { use: mine, share: 0.5 }');
    expect(stdout).toMatch(/\nshare +number +0 to 1 +0\.5 +How much\.\n/);
  });

  it('ends with 2 where there is no such plugin, and knows the nearest', async () => {
    const { exitCode, stdout } = await run('plugins', 'show', 'fedvag', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'FEDX_USAGE', hint: expect.stringContaining('fedavg') },
    });
  });
});

describe('fedx new and fedx init', () => {
  it('say as JSON what they wrote, and refuse to write it twice', async () => {
    const { stdout } = await run('new', 'sampler', 'my-cohort', '--json');
    const { directory, files } = JSON.parse(stdout) as {
      readonly directory: string;
      readonly files: readonly string[];
    };
    expect(directory).toBe('my-cohort');
    expect(files).toContain('src/my-cohort.ts');
    expect(await readdir(join(folder, directory))).toContain('package.json');
    const again = await run('new', 'sampler', 'my-cohort', '--json');
    expect(again.exitCode).toBe(2);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'FEDX_FILE_EXISTS' } });
  });

  it('write where they are told, and say how to go on', async () => {
    const project = await run('init', 'my-study');
    expect(project.exitCode).toBe(0);
    expect(project.stdout).toContain('my-study/experiment.yaml\n');
    expect(project.stdout).toMatch(/Next:\n {2}cd my-study\n {2}npm install\n/);
    const valid = await run('validate', 'my-study/experiment.yaml');
    expect(valid.stderr).toBe('');
    expect(valid.exitCode).toBe(0);
  });

  it.each([
    [['new', 'strategie', 'x'], 'strategy'],
    [['new', 'strategy'], 'name'],
    [['new', 'strategy', '../x'], 'no name for a plugin'],
  ])('end with 2 on bad usage: %j', async (args, message) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^FEDX_USAGE: /);
    expect(stderr).toContain(message);
  });

  it.each([['plugins'], ['plugins show'], ['new'], ['init']])('help by example: %s', async (command) => {
    const { exitCode, stdout } = await run(...command.split(' '), '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`EXAMPLES\\n  \\$ fedx ${command}`));
  });
});

describe('a dataset that is interrupted', () => {
  it('has not failed: the run is interrupted', async () => {
    await writeFile(
      join(folder, 'slow.ts'),
      `import { defineDataset } from '@fedx/core';
import { setTimeout } from 'node:timers/promises';
export default defineDataset({
  name: 'slow',
  options: { type: 'object' },
  load: async (_options, { signal }) => {
    process.kill(process.pid, 'SIGINT');
    await setTimeout(60_000, undefined, { signal });
    throw new TypeError('It went on.');
  },
});
`,
    );
    await writeFile(
      join(folder, 'slow.yaml'),
      `apiVersion: fedx/v1
name: slow
plugins: [./slow.ts]
dataset: { use: slow }
partition: { use: iid, clients: 2 }
model: { use: mlp }
client: { optimizer: { use: sgd, learningRate: 0.1 } }
server: { rounds: 1 }
`,
    );
    const { exitCode, stderr } = await run('run', 'slow.yaml');
    expect(stderr).toMatch(/^Interrupted: .*\nFEDX_RUN_INTERRUPTED: /);
    expect(exitCode).toBe(130);
  });
});
