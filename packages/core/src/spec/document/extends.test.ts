import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FedxError } from '../../errors/index.js';
import { readDocument } from './extends.js';
import { find, toPlain } from './located-tree.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-extends-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

const read = (text: string, environment = {}) => readDocument(join(folder, 'spec.yaml'), text, environment);

async function plain(text: string): Promise<unknown> {
  return toPlain((await read(text)).tree);
}

async function refused(text: string): Promise<Pick<FedxError, 'code' | 'diagnostics'>> {
  const error: unknown = await read(text).catch((cause: unknown) => cause);
  return error as FedxError;
}

/** Paths in messages as seen from the folder of the test. */
const local = (text: string | undefined) => text?.replaceAll(`${folder}/`, '');

describe('a spec that extends another', () => {
  it('merges mappings key by key; its own lists and plain values replace those of the base', async () => {
    await write(
      'base.yaml',
      'seed: 1\nseeds: { data: 1, init: 2 }\nmodel: { use: mlp, hidden: [1, 2, 3] }\ncontrols: [iid]\n',
    );
    expect(
      await plain('extends: ./base.yaml\nseed: 2\nseeds: { init: 3 }\nmodel: { hidden: [9] }\ncontrols: []'),
    ).toEqual({
      seed: 2,
      seeds: { data: 1, init: 3 },
      model: { use: 'mlp', hidden: [9] },
      controls: [],
    });
  });

  it('takes none of the options of a slot where it chooses another plugin, and all where it names the same', async () => {
    await write(
      'base.yaml',
      'strategy: { use: fedprox, mu: 1 }\nclient: { epochs: 2, optimizer: { use: sgd, learningRate: 1 } }',
    );
    expect(
      await plain('extends: base.yaml\nstrategy: { use: fedavg }\nclient: { optimizer: { use: sgd, momentum: 0 } }'),
    ).toEqual({
      strategy: { use: 'fedavg' },
      client: { epochs: 2, optimizer: { use: 'sgd', learningRate: 1, momentum: 0 } },
    });
  });

  it('may extend several, of which the later wins, and what they extend', async () => {
    await write('root.yaml', 'seed: 1\nname: root\nserver: { rounds: 1 }');
    await write('sub/a.yaml', 'extends: ../root.yaml\nname: a\nserver: { rounds: 2 }');
    await write('b.yaml', 'extends: ./root.yaml\nname: b');
    expect(await plain('extends: [./sub/a.yaml, ./b.yaml]')).toEqual({ seed: 1, name: 'b', server: { rounds: 1 } });
    expect(await plain('extends: [./b.yaml, ./sub/a.yaml]')).toEqual({ seed: 1, name: 'a', server: { rounds: 2 } });
  });

  it('knows of each value which file wrote it, and where relative paths of that file start', async () => {
    await write('sub/base.yaml', '# first\nseed: 1\nserver: { rounds: 1 }');
    await write('sub/deep/more.yaml', 'directory: ../..\nname: more');
    const { tree, directory, directories } = await read(
      'extends: [sub/base.yaml, sub/deep/more.yaml]\nserver: { cohort: {} }',
    );
    const source = (...path: string[]) => find(tree, path)?.tree.span.source;
    expect(local(source('server', 'rounds')?.name)).toBe('sub/base.yaml');
    expect(local(source('server', 'cohort')?.name)).toBe('spec.yaml');
    expect(directory).toBe(folder);
    const folders = [...directories].map(([{ name }, path]) => [local(name), path]);
    expect(folders).toEqual([
      ['spec.yaml', folder],
      ['sub/base.yaml', join(folder, 'sub')],
      ['sub/deep/more.yaml', folder],
    ]);
  });

  it('finds its bases by the environment too', async () => {
    await write('shared/base.yaml', 'seed: 7');
    const { tree } = await read('extends: ${env:BASES}/base.yaml', { BASES: join(folder, 'shared') });
    expect(toPlain(tree)).toEqual({ seed: 7 });
  });

  it('is told of a cycle with the way that leads around', async () => {
    await write('a.yaml', 'extends: ./b.yaml');
    await write('b.yaml', 'seed: 1\nextends: ./a.yaml');
    const { code, diagnostics } = await refused('extends: a.yaml');
    expect(code).toBe('FEDX_SPEC_INVALID');
    expect(diagnostics).toHaveLength(1);
    expect(local(diagnostics[0]?.source)).toBe('b.yaml');
    expect(diagnostics[0]?.start).toEqual({ line: 2, column: 10 });
    expect(local(diagnostics[0]?.message)).toBe('a.yaml extends itself.');
    expect(local(diagnostics[0]?.hint)).toBe('The way there: spec.yaml -> a.yaml -> b.yaml -> a.yaml.');
    expect((await refused('extends: ./spec.yaml')).diagnostics.map(({ message }) => local(message))).toEqual([
      'spec.yaml extends itself.',
    ]);
  });

  it('is told of all bases that cannot be read, where they are named', async () => {
    await write('a.yaml', 'extends: ./none.yaml');
    await mkdir(join(folder, 'sub'));
    const { code, diagnostics } = await refused('extends: [a.yaml, sub, /dev/null]');
    expect(code).toBe('FEDX_SPEC_NOT_FOUND');
    expect(diagnostics.map(({ source, start, message }) => [local(source), start.column, local(message)])).toEqual([
      ['spec.yaml', 19, 'sub is a folder, not a spec file.'],
      ['spec.yaml', 24, '/dev/null is no regular file.'],
      ['a.yaml', 10, 'There is no spec file none.yaml.'],
    ]);
    expect(local(diagnostics[2]?.hint)).toBe('The way there: spec.yaml -> a.yaml -> none.yaml.');
  });

  it.each(['3', '{ a: b }', '[[a]]', '""', 'null', '[1]', '"x\\0y"'])('must name paths, and not %s', async (value) => {
    const { findings } = await read(`extends: ${value}`);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^extends(\.0)? must be the path of a spec(, or a list of paths)?\.$/),
    ]);
  });

  it('extends 15 files at most, one after the other or side by side, however often each is named', async () => {
    for (let n = 1; n <= 20; n++) await write(`${n}.yaml`, `extends: ./${n + 1}.yaml`);
    await write('16.yaml', 'seed: 1');
    expect(await plain('extends: [./2.yaml, ./2.yaml, ./9.yaml]')).toEqual({ seed: 1 });
    const chain = await refused('extends: ./1.yaml');
    expect(chain).toMatchObject({
      code: 'FEDX_SPEC_TOO_LARGE',
      diagnostics: [{ message: 'This spec extends more than 15 files.' }],
    });
    expect(local(chain.diagnostics[0]?.hint)).toMatch(/^The way there: spec\.yaml -> 1\.yaml -> .* -> 16\.yaml\.$/);
    const paths = Array.from({ length: 20 }, (_, n) => `f${n}.yaml`);
    for (const path of paths) await write(path, 'seed: 1');
    expect(await refused(`extends: [${paths.join(', ')}]`)).toMatchObject({ code: 'FEDX_SPEC_TOO_LARGE' });
  });

  it('ends also where links lead around for ever', async () => {
    await mkdir(join(folder, 'sub'));
    await symlink('..', join(folder, 'sub', 'up'));
    await write('sub/base.yaml', 'extends: ./up/sub/base.yaml');
    expect((await refused('extends: sub/base.yaml')).code).toBe('FEDX_SPEC_TOO_LARGE');
  });

  it('is told the file and the place of what is wrong in a base', async () => {
    await write('broken.yaml', 'seed: 1\nmodel: [');
    const broken = await refused('extends: broken.yaml');
    expect(broken.code).toBe('FEDX_SPEC_SYNTAX');
    expect(local(broken.diagnostics[0]?.source)).toBe('broken.yaml');
    await write('list.yaml', '- seed');
    expect((await refused('extends: list.yaml')).diagnostics[0]?.message).toContain('but this is a list');
    await write('deep.yaml', '['.repeat(10_000));
    expect((await refused('extends: deep.yaml')).code).toBe('FEDX_SPEC_TOO_LARGE');
  });

  it('stands for no more values than one file may', async () => {
    const keys = (from: number) => Array.from({ length: 12_000 }, (_, n) => `k${from + n}: 1`).join('\n');
    await write('a.yaml', keys(0));
    await write('b.yaml', keys(12_000));
    expect((await refused('extends: [a.yaml, b.yaml]')).code).toBe('FEDX_SPEC_TOO_LARGE');
  });
});
