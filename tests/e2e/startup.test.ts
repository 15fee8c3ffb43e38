import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedExperiment, startFedx } from './fedx.js';

/** Runs in the thread of Node's module hooks: notes every module that is imported. */
const hooks = `
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES, url + '\\n');
    return next(url, context);
  }`;

/** Registers the hooks, and notes at the end what was required. */
const preload = `
  import { appendFileSync } from 'node:fs';
  import Module, { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
  process.on('exit', () => appendFileSync(process.env.LOADED_MODULES, Object.keys(Module._cache).join('\\n') + '\\n'));`;

/** What the command line is built to. */
const built = new URL('../../packages/cli/dist/', import.meta.url).href;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-startup-'));
  await writeFile(join(folder, 'preload.mjs'), preload);
  const plugin = `import { defineStrategy } from '@fedx/core';
    export default defineStrategy({ name: 'mine', options: { type: 'object' }, create: () => ({ aggregate: (a) => a }) });`;
  await writeFile(join(folder, 'mine.ts'), plugin);
  const spec = (await readFile(seedExperiment, 'utf8')).replace(/^strategy:.*$/m, 'strategy: { use: mine }');
  await writeFile(join(folder, 'with-plugin.yaml'), `${spec}\nplugins: [./mine.ts]\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** The packages that a command loads, and the rooms of `@fedx/core`, as `@fedx/core/spec`. */
async function loadedBy(args: readonly string[], exitCode = 0): Promise<ReadonlySet<string>> {
  const file = join(folder, `loaded-${args.join('-').replaceAll(/\W+/g, '-')}`);
  const NODE_OPTIONS = `--import=${pathToFileURL(join(folder, 'preload.mjs')).href}`;
  const ended = await startFedx(args, folder, { NODE_OPTIONS, LOADED_MODULES: file }).ended;
  expect(ended.exitCode).toBe(exitCode);
  const loaded = (await readFile(file, 'utf8')).split('\n').filter((path) => path !== '');
  const sources = await Promise.all([...new Set(loaded)].map(sourcesOf));
  return new Set(sources.flat().map(packageOf));
}

/** The modules that a loaded file was made of: many where it belongs to the command line, whose program carries them. */
async function sourcesOf(path: string): Promise<readonly string[]> {
  // The bundler's own few lines come from nowhere.
  if (!path.startsWith(built) || path.endsWith('/rolldown-runtime.js')) return [path];
  const map = JSON.parse(await readFile(fileURLToPath(`${path}.map`), 'utf8')) as { readonly sources: string[] };
  return map.sources.map((source) => new URL(source, path).href);
}

/** `yaml`, `@fedx/core/spec` or, of what is neither a package nor ours, the path itself. */
function packageOf(path: string): string {
  const [, installed] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  const [, own, room] = /.*\/packages\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(path) ?? [];
  return installed ?? (own === undefined ? path : ['@fedx', own, ...(room === undefined ? [] : [room])].join('/'));
}

const computing = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  'onnxruntime-node',
  '@fedx/compiler',
  '@bufbuild/protobuf',
];
const composing = [
  'tsyringe',
  'reflect-metadata',
  '@fedx/core/experiment',
  '@fedx/core/engines',
  '@fedx/core/runtime',
  '@fedx/core/programs',
  '@fedx/core/data',
];
/** What commands other than validate import themselves. */
const otherCommands = ['@fedx/cli/completion'];
const showing = ['cli-table3', 'log-update'];
const reading = ['yaml', 'ajv', '@fedx/core/spec', '@fedx/models', '@fedx/datasets'];

function expectWithout(loaded: ReadonlySet<string>, ...unwanted: readonly string[]): void {
  expect(unwanted.filter((name) => loaded.has(name))).toEqual([]);
}

describe('what a command loads', () => {
  it('is the command line alone for --help, of fedx and of a command, and no command', async () => {
    for (const args of [['--help'], ['validate', '--help']]) {
      const loaded = await loadedBy(args);
      expect(loaded).toContain('@oclif/core');
      expectWithout(loaded, ...computing, ...composing, ...showing, ...reading, '@fedx/cli/commands', 'jiti');
    }
  });

  it('is what reads a spec for validate: no tfjs, no engine, no container, no loader of plugins, no other command', async () => {
    const loaded = await loadedBy(['validate', seedExperiment]);
    for (const name of reading) expect(loaded).toContain(name);
    expect(loaded).toContain('@fedx/cli/commands');
    expectWithout(loaded, ...computing, ...composing, ...showing, ...otherCommands, 'jiti');
  });

  it('is no more for validate where the spec is wrong', async () => {
    expectWithout(
      await loadedBy(['validate', seedExperiment, 'rounds=3'], 2),
      ...computing,
      ...composing,
      ...showing,
      'jiti',
    );
  });

  it('is a loader of plugins besides where the spec has some, which need no tfjs to be validated', async () => {
    const loaded = await loadedBy(['validate', 'with-plugin.yaml']);
    expect(loaded).toContain('jiti');
    expectWithout(loaded, ...computing, ...composing);
  });

  it('is a table besides for plan --explain', async () => {
    expectWithout(await loadedBy(['plan', seedExperiment, '--explain']), ...computing, ...composing);
  });

  it('is the container and what prepares a run for plan, or these tests would see nothing', async () => {
    const loaded = await loadedBy(['plan', seedExperiment]);
    expect(loaded).toContain('tsyringe');
    expect(loaded).toContain('@fedx/core/experiment');
  });
});
