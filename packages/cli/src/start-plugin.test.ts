import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pluginKinds } from './plugin-kinds.js';
import { startPlugin } from './start-plugin.js';
import { startProject } from './start-project.js';
import type { OutputMode } from './terminal.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-new-'));
});
afterEach(() => rm(folder, { recursive: true }));

const terminal = () => ({ stdout: new PassThrough(), stderr: new PassThrough() });

async function start(name: string, mode: OutputMode = 'text', kind = 'strategy', directory = join(folder, 'made')) {
  const streams = terminal();
  await startPlugin({ kind, name, directory, mode, terminal: streams });
  return String(streams.stdout.read());
}

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

describe('startPlugin', () => {
  const expected = [
    '.gitignore',
    'README.md',
    'example.yaml',
    'package.json',
    'src/my-rule.test.ts',
    'src/my-rule.ts',
    'tsconfig.json',
  ];

  it.each(Object.keys(pluginKinds))('writes a package with a %s, all placeholders filled in', async (kind) => {
    await start('my-rule', 'text', kind);
    const made = join(folder, 'made');
    expect(await filesIn(made)).toEqual(expected);
    for (const file of expected) {
      const text = await readFile(join(made, file), 'utf8');
      expect(text).not.toMatch(/__\w+__/);
      if (file.endsWith('.ts')) expect(text).toContain('my-rule');
    }
    const manifest = JSON.parse(await readFile(join(made, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: 'my-rule', peerDependencies: { '@fedx/core': '^0.1.0' } });
  });

  it('says what it wrote and how to go on', async () => {
    expect(await start('my-rule')).toBe(
      `${expected.map((file) => join(folder, 'made', file)).join('\n')}\n\nNext:\n  cd ${join(folder, 'made')}\n  npm install\n  npm test\n  npm run example\n`,
    );
  });

  it('says it as JSON', async () => {
    expect(JSON.parse(await start('my-rule', 'json'))).toEqual({ directory: join(folder, 'made'), files: expected });
  });

  it.each(['', 'MyRule', '../up', 'a/b', '-x', 'two words', 'naïve', '__proto__', 'a'.repeat(101), '.hidden', 'a\nb'])(
    'refuses the name %j and writes nothing',
    async (name) => {
      await expect(start(name)).rejects.toMatchObject({ code: 'FEDX_USAGE' });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it.each([
    ['MyRule', 'my-rule'],
    ['my_rule', 'my-rule'],
    ['../Up', 'up'],
  ])('proposes a name that will do for %s: %s', async (name, proposed) => {
    await expect(start(name)).rejects.toMatchObject({ hint: expect.stringContaining(`e.g. ${proposed}.`) });
  });

  it('refuses the name of a plugin of the same kind that ships, and takes it for another kind', async () => {
    await expect(start('fedavg')).rejects.toMatchObject({
      code: 'FEDX_USAGE',
      message: 'There is a strategy called fedavg already, in @fedx/strategies.',
    });
    await start('fedavg', 'text', 'sampler');
    expect(await filesIn(join(folder, 'made'))).toContain('src/fedavg.ts');
  });

  it('overwrites nothing: one file that is there already and nothing is written', async () => {
    const made = join(folder, 'made');
    await mkdir(made);
    await writeFile(join(made, 'README.md'), 'mine');
    await expect(start('my-rule')).rejects.toMatchObject({
      code: 'FEDX_FILE_EXISTS',
      place: { file: join(made, 'README.md') },
    });
    expect(await filesIn(made)).toEqual(['README.md']);
    expect(await readFile(join(made, 'README.md'), 'utf8')).toBe('mine');
  });

  it('does not write through a link that leads nowhere', async () => {
    const made = join(folder, 'made');
    await mkdir(made);
    await symlink(join(folder, 'elsewhere'), join(made, 'package.json'));
    await expect(start('my-rule')).rejects.toMatchObject({ code: 'FEDX_FILE_EXISTS' });
    expect(await readdir(folder)).toEqual(['made']);
  });

  it('says so where a file is in the way of the folder, or of one above it', async () => {
    const file = join(folder, 'made');
    await writeFile(file, '');
    await expect(start('my-rule')).rejects.toMatchObject({ code: 'FEDX_FILE_EXISTS', place: { file } });
    const below = start('my-rule', 'text', 'strategy', join(file, 'deeper'));
    await expect(below).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
  });
});

describe('startProject', () => {
  const init = (directory: string) => startProject({ directory, mode: 'json', terminal: terminal() });

  it('writes a project named for its folder, into a folder that has other files', async () => {
    await mkdir(join(folder, 'My Study (2)'));
    await writeFile(join(folder, 'My Study (2)', 'notes.txt'), '');
    await init(join(folder, 'My Study (2)'));
    expect(await filesIn(join(folder, 'My Study (2)'))).toEqual([
      '.gitignore',
      'README.md',
      'experiment.yaml',
      'notes.txt',
      'package.json',
      'plugins/server-momentum.ts',
      'tsconfig.json',
    ]);
    const manifest = JSON.parse(await readFile(join(folder, 'My Study (2)', 'package.json'), 'utf8')) as unknown;
    expect(manifest).toMatchObject({ name: 'my-study-2', dependencies: { '@fedx/cli': '^0.1.0' } });
  });

  it('writes nothing into a project that is there already', async () => {
    await init(folder);
    await expect(init(folder)).rejects.toMatchObject({ code: 'FEDX_FILE_EXISTS' });
  });
});
