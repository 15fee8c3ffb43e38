import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plugin } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { awaitPlugin, callPlugin } from './call-plugin.js';
import { loadPlugins } from './load.js';

let directory: string;
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'fedx (own) code-')));
});
afterAll(() => rm(directory, { recursive: true }));

async function load(file: string, text: string, specifier = `./${file}`): Promise<Plugin> {
  await mkdir(dirname(join(directory, file)), { recursive: true });
  await writeFile(join(directory, file), text);
  const [loaded] = await loadPlugins([{ specifier }], directory);
  if (loaded === undefined) throw new Error('There is no plugin.');
  return loaded.plugin;
}

/** What comes of calling the sampler that `plugin` is. */
function failureOf(plugin: Plugin): unknown {
  try {
    return callPlugin('mine', 'to sample', () => (plugin as { sample?: () => unknown }).sample?.());
  } catch (error) {
    return error;
  }
}

const sampler = (body: string) =>
  `import { defineSampler, parameters as p, FedxError } from '@fedx/core';\n${body}\nexport default defineSampler({ name: 'mine', options: { type: 'object' }, sample });`;

describe('what a plugin throws', () => {
  it('is placed in its own package, not in what that package uses', async () => {
    const manifest = (name: string, main: string) => JSON.stringify({ name, version: '1.0.0', type: 'module', main });
    const write = async (file: string, text: string) => {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), text);
    };
    const helper = 'node_modules/mine/node_modules/helper';
    await write(`${helper}/package.json`, manifest('helper', 'index.js'));
    await write(`${helper}/index.js`, "export const help = () => { throw new Error('helpless'); };");
    await write('node_modules/mine/package.json', manifest('mine', 'dist/index.js'));
    await write(
      'node_modules/mine/dist/sample.js',
      "import { help } from 'helper';\n\nexport const sample = () =>\n  help();\n",
    );
    const plugin = await load(
      'node_modules/mine/dist/index.js',
      `import { sample } from './sample.js';
export default { apiVersion: 1, kind: 'sampler', name: 'mine', options: { type: 'object' }, sample };`,
      'mine',
    );
    expect(failureOf(plugin)).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      place: { plugin: 'mine', file: join(directory, 'node_modules/mine/dist/sample.js'), line: 4, column: 3 },
    });
  });

  it('is placed where the plugin calls what throws in fedx, which keeps its code', async () => {
    const plugin = await load(
      'adds.ts',
      sampler(
        'const one = { shape: [1], data: Float32Array.of(1) };\nconst sample = () =>\n  p.add({ a: one }, { b: one });',
      ),
    );
    const error = failureOf(plugin);
    expect(error).toMatchObject({ place: { plugin: 'mine', file: join(directory, 'adds.ts'), line: 4 } });
    expect(error).toBeInstanceOf(FedxError);
  });

  it('is placed in the file that it names itself', async () => {
    const plugin = await load(
      'reads.ts',
      sampler(
        "const sample = () => { throw new FedxError('FEDX_DATA_NOT_FOUND', 'No.', { place: { file: 'a.csv', line: 7 } }); };",
      ),
    );
    expect(failureOf(plugin)).toMatchObject({ place: { plugin: 'mine', file: 'a.csv', line: 7 } });
  });

  it('is placed in what it was caused by, where it has no line of the plugin itself', async () => {
    const plugin = await load(
      'caused.ts',
      sampler(
        "const sample = () => {\n  const error = new Error('outer', { cause: new Error('inner') });\n  error.stack = 'Error: outer';\n  throw error;\n};",
      ),
    );
    expect(failureOf(plugin)).toMatchObject({ place: { file: join(directory, 'caused.ts'), line: 3 } });
  });

  it('is placed after it waited, too', async () => {
    const plugin = await load(
      'waits.ts',
      sampler("const sample = async () => {\n  await undefined;\n  throw new Error('late');\n};"),
    );
    const late = awaitPlugin('mine', 'to sample', (plugin as unknown as { sample: () => Promise<unknown> }).sample);
    await expect(late).rejects.toMatchObject({ place: { file: join(directory, 'waits.ts'), line: 4, column: 9 } });
  });

  it('is placed nowhere where it is no error, or no code of a plugin', () => {
    const call = (thrown: unknown) => () =>
      callPlugin('mine', 'to sample', () => {
        throw thrown;
      });
    const nowhere = expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED', place: { plugin: 'mine' } });
    expect(call('a text')).toThrow(nowhere);
    expect(call(new Error('ours'))).toThrow(nowhere);
  });

  it('is placed in its file where that fails while it is loaded', async () => {
    await expect(load('throws.ts', 'const a: number = 1;\nthrow new Error(`no ${a}`);')).rejects.toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      place: { plugin: './throws.ts', file: join(directory, 'throws.ts'), line: 2, column: 7 },
    });
  });

  it('leaves the depth of stacks as it was', () => {
    const { stackTraceLimit } = Error;
    expect(callPlugin('mine', 'to count', () => Error.stackTraceLimit)).toBe(100);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});
