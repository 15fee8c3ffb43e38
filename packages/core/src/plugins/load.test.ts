import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FedxError, parameters } from '../index.js';
import { loadPlugins } from './load.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fedx-plugins-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, file)), { recursive: true });
  await writeFile(join(directory, file), text);
}

function load(...specifiers: readonly string[]) {
  return loadPlugins(
    specifiers.map((specifier) => ({ specifier, place: { file: 'spec.yaml', line: 3, column: 12 } })),
    directory,
  );
}

/** An installed package that is a sampler of its own name; `before` and `ending` go into its module, or `text` is all of it. */
async function writePackage(name: string, manifest: object, before = '', ending = '', text?: string): Promise<void> {
  const all = { name, version: '1.0.0', type: 'module', exports: './index.js', ...manifest };
  await write(`node_modules/${name}/package.json`, JSON.stringify(all));
  await write(`node_modules/${name}/index.js`, text ?? `${before}${sampler(name, ending)}`);
}

function sampler(name: string, ending = '') {
  return `import { defineSampler } from '@fedx/core';
export default defineSampler({ name: '${name}', options: { type: 'object' }, sample: () => [0]${ending} });`;
}

describe('loading plugins', () => {
  it('loads TypeScript and JavaScript files from the folder of the spec, in order', async () => {
    await write('a.ts', `const zero: number = 0;\n${sampler('a')}`);
    await write('sub/b.mts', sampler('b'));
    await write('c.mjs', sampler('c'));
    await write('d.js', sampler('d'));
    const loaded = await load('./a.ts', './sub/b.mts', './c.mjs', './d.js');
    expect(loaded.map(({ plugin, origin }) => [plugin.kind, plugin.name, origin])).toEqual([
      ['sampler', 'a', './a.ts'],
      ['sampler', 'b', './sub/b.mts'],
      ['sampler', 'c', './c.mjs'],
      ['sampler', 'd', './d.js'],
    ]);
  });

  it('hands a plugin outside the tree the running copy of @fedx/core', async () => {
    await write(
      'mine.ts',
      `import { defineSampler, FedxError, parameters } from '@fedx/core';
export default Object.assign(defineSampler({ name: 'mine', options: { type: 'object' }, sample: () => [0] }), { FedxError, parameters });`,
    );
    const [mine] = await load('./mine.ts');
    expect(mine?.plugin).toMatchObject({ FedxError, parameters });
    expect(Reflect.get(mine?.plugin ?? {}, 'FedxError')).toBe(FedxError);
  });

  it('takes a list of plugins from one file, and files that import each other', async () => {
    await write('name.ts', `export const name: string = 'second';`);
    await write(
      'both.ts',
      `import { defineSampler } from '@fedx/core';
import { name } from './name.js';
const options = { type: 'object' } as const;
export default [defineSampler({ name: 'first', options, sample: () => [0] }), defineSampler({ name, options, sample: () => [0] })];`,
    );
    const loaded = await load('./both.ts');
    expect(loaded.map(({ plugin }) => plugin.name)).toEqual(['first', 'second']);
  });

  it('takes what else a file exports if a define… helper made it, each plugin once', async () => {
    const define = (name: string) =>
      `defineSampler({ name: '${name}', options: { type: 'object' }, sample: () => [0] })`;
    await write(
      'several.ts',
      `import { defineSampler } from '@fedx/core';
export const first = ${define('first')};
export const again = first;
export const second = ${define('second')};
export const size = 3;
export function help(): string { return 'no plugin'; }
export default first;`,
    );
    expect((await load('./several.ts')).map(({ plugin }) => plugin.name)).toEqual(['first', 'second']);
    await write('named.ts', `import { defineSampler } from '@fedx/core';\nexport const only = ${define('only')};`);
    expect((await load('./named.ts')).map(({ plugin }) => plugin.name)).toEqual(['only']);
  });

  it('finds packages from the folder of the spec', async () => {
    await writePackage('my-plugin', { version: '1.2.3' });
    const [loaded] = await load('my-plugin');
    expect(loaded).toMatchObject({
      origin: 'my-plugin',
      version: '1.2.3',
      plugin: { kind: 'sampler', name: 'my-plugin' },
    });
    expect((await load('./node_modules/my-plugin/index.js'))[0]?.version).toBeUndefined();
  });

  it('hands a package the running copy of @fedx/core, also where it brings one of its own', async () => {
    await writePackage(
      'stubborn',
      {},
      `import { FedxError } from '@fedx/core';\nimport { help } from 'its-help';\n`,
      ', FedxError, help',
    );
    await writePackage('stubborn/node_modules/@fedx/core', {}, '', '', 'export const FedxError = 1;');
    await writePackage(
      'its-help',
      {},
      '',
      '',
      `import { parameters } from '@fedx/core';\nexport const help = parameters;`,
    );
    const [stubborn] = await load('stubborn');
    expect(Reflect.get(stubborn?.plugin ?? {}, 'FedxError')).toBe(FedxError);
    expect(Reflect.get(stubborn?.plugin ?? {}, 'help')).toEqual(parameters);
  });

  it('hands a plugin outside the tree the running copy of tfjs, so that they know each other’s tensors', async () => {
    await write('tensors.ts', `import * as tf from '@tensorflow/tfjs';\n${sampler('tensors', ', tensor: tf.tensor')}`);
    const [loaded] = await load('./tensors.ts');
    const tf = await import('@tensorflow/tfjs');
    expect(Reflect.get(loaded?.plugin ?? {}, 'tensor')).toBe(tf.tensor);
  });

  it.each(['^0.1.0', '>=0.1', '*', '0.1.x || 2'])('loads a package that was made for @fedx/core %s', async (range) => {
    await writePackage('fits', { peerDependencies: { '@fedx/core': range } });
    expect(await load('fits')).toHaveLength(1);
  });

  it.each(['^0.2.0', '1', '<0.1.0'])(
    'refuses a package that was made for @fedx/core %s, before it runs',
    async (range) => {
      const peerDependencies = { '@fedx/core': range };
      await writePackage('foreign', { peerDependencies }, '', '', `throw new TypeError('was run');`);
      await expect(load('foreign')).rejects.toMatchObject({
        code: 'FEDX_PLUGIN_VERSION',
        message: `The plugin foreign was made for @fedx/core ${range}; this is 0.1.0.`,
        place: { file: 'spec.yaml', line: 3, plugin: 'foreign' },
      });
    },
  );

  it('asks the package.json with a name above a file, wherever the file lies in the package', async () => {
    await write('package.json', JSON.stringify({ name: 'mine', peerDependencies: { '@fedx/core': '^7.0.0' } }));
    await write('dist/package.json', JSON.stringify({ type: 'module' }));
    await write('dist/deep/mine.js', sampler('mine'));
    await expect(load('./dist/deep/mine.js')).rejects.toMatchObject({ code: 'FEDX_PLUGIN_VERSION' });
    await write('package.json', '{');
    expect(await load('./dist/deep/mine.js')).toHaveLength(1);
  });

  it('refuses a plugin that carries another version of the contracts', async () => {
    await write('old.ts', sampler('old', ', apiVersion: 0'));
    await expect(load('./old.ts')).rejects.toMatchObject({
      code: 'FEDX_PLUGIN_VERSION',
      message: 'The plugin ./old.ts was made for version 0 of the plugin contracts; this fedx has version 1.',
    });
  });

  it('loads nothing where the spec names nothing', async () => {
    expect(await load()).toEqual([]);
  });

  it('points at the spec where a file or a package does not exist', async () => {
    await expect(load('./nothing.ts')).rejects.toMatchObject({
      code: 'FEDX_PLUGIN_NOT_FOUND',
      message: 'There is no plugin file ./nothing.ts beside the spec.',
      place: { file: 'spec.yaml', line: 3, column: 12, plugin: './nothing.ts' },
    });
    await expect(load('fedx-plugin-that-nobody-wrote')).rejects.toMatchObject({
      code: 'FEDX_PLUGIN_NOT_FOUND',
      hint: 'Install it: npm install fedx-plugin-that-nobody-wrote',
    });
    await expect(load('mine.ts')).rejects.toMatchObject({ hint: 'A file begins with ./, as in ./mine.ts.' });
  });

  it('runs nothing that is no JavaScript or TypeScript by its name, and no part of Node', async () => {
    await write('notes.txt', sampler('notes'));
    await write('empty/readme.md', '');
    for (const specifier of ['./notes.txt', './empty', '/dev/null', 'fs', 'node:fs']) {
      await expect(load(specifier)).rejects.toMatchObject({ code: 'FEDX_PLUGIN_NOT_FOUND' });
    }
  });

  it('finds a package by its folder, and says which file each plugin came from', async () => {
    await write('packaged/package.json', JSON.stringify({ name: 'packaged', type: 'module', main: 'lib/index.js' }));
    await write('packaged/lib/index.js', sampler('inside'));
    await write('mine.ts', sampler('mine'));
    const loaded = await load('./packaged', './mine.ts');
    expect(loaded.map(({ plugin, files }) => [plugin.name, files])).toEqual([
      ['inside', [join(directory, 'packaged/lib/index.js')]],
      ['mine', [join(directory, 'mine.ts')]],
    ]);
  });

  it('names a module that throws, and keeps the cause', async () => {
    await write('bad.ts', `throw new TypeError('no luck');`);
    await expect(load('./bad.ts')).rejects.toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: 'The plugin ./bad.ts threw while it was loaded: no luck',
      cause: { message: 'no luck' },
    });
    await write('syntax.ts', 'export default {');
    await expect(load('./syntax.ts')).rejects.toMatchObject({ code: 'FEDX_PLUGIN_FAILED' });
    await write('import.ts', `import 'a-package-that-nobody-wrote';\n${sampler('x')}`);
    await expect(load('./import.ts')).rejects.toMatchObject({ code: 'FEDX_PLUGIN_FAILED' });
  });

  it.each([
    ['export const x = 1;', 'the default export is missing'],
    ['export default {};', 'the default export is not the result of a define… helper'],
    ['export default 3;', 'the default export is not the result of a define… helper'],
    [
      'export default [{ kind: "constructor" }];',
      'entry 0 of the default export is not the result of a define… helper',
    ],
    [
      'export default { kind: "sampler", name: "x", options: { type: "object" }, sample() {} };',
      'the default export is not the result of a define… helper',
    ],
    [
      `${sampler('x')}\nexport const y = { kind: 'sampler', apiVersion: 1, name: 'Y' };`,
      'the export y needs a name of a-z, 0-9 and -',
    ],
    [sampler('Two Words'), 'the default export needs a name of a-z, 0-9 and -'],
    [sampler('x', ', options: {}'), 'the default export needs options, a JSON Schema with type: object'],
    [
      sampler('x', ', options: { type: "object", properties: { use: {} } }'),
      'the default export has an option called use, which chooses the plugin in a spec',
    ],
    [sampler('x', ', sample: undefined'), 'the default export needs a function sample; it has nothing'],
    [sampler('x', ', sample: 1'), 'the default export has the number 1 as sample, where a function is needed'],
    [
      sampler('x', ', inclusion: 0.5'),
      'the default export has the number 0.5 as inclusion, where a function is needed',
    ],
  ])('refuses a file that exports no plugin: %s', async (text, why) => {
    await write('odd.mjs', text);
    await expect(load('./odd.mjs')).rejects.toMatchObject({
      code: 'FEDX_PLUGIN_INVALID',
      message: `The plugin ./odd.mjs is not one that fedx can use: ${why}.`,
    });
  });
});
