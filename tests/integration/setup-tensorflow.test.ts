import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, seedExperiment, startFedx } from '../e2e/fedx.js';

let cache = '';

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'fedx-setup-'));
});

afterEach(() => rm(cache, { recursive: true }));

const partial = () => join(cache, 'tensorflow', '2.21.0-cpu.partial');

/** As a setup leaves it that was interrupted before it compiled. */
async function allButCompiled(): Promise<void> {
  const library = join(partial(), 'venv/lib/python3.11/site-packages/tensorflow');
  await mkdir(library, { recursive: true });
  await writeFile(join(library, 'libtensorflow_cc.so.2'), '');
  await mkdir(join(partial(), 'sources/@tensorflow/tfjs-node/binding'), { recursive: true });
  for (const step of ['python-environment', 'tensorflow-2-21-0', 'sources-of-the-binding'])
    await writeFile(join(partial(), `${step}.done`), '');
}

/** A program that stands for the compiler and writes `addon` where the binding is to be. */
async function compilerThatWrites(addon: string): Promise<string> {
  const path = join(cache, 'compiler');
  const script = `#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\nprintf '${addon}' > "$2"\n`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startFedx([...args, '--json'], cache, { FEDX_CACHE: cache, ...environment }).ended;
}

const setup = (environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ended> =>
  run(['setup', 'tensorflow', ...args], environment);

const errorOf = ({ stdout }: Ended): unknown => (JSON.parse(stdout) as { readonly error: unknown }).error;

describe('fedx setup tensorflow', () => {
  it('names Python and what installs it where there is none', async () => {
    const outcome = await setup({ PATH: cache });
    expect(outcome.exitCode).toBe(5);
    expect(errorOf(outcome)).toMatchObject({
      code: 'FEDX_SETUP_PREREQUISITE',
      message: expect.stringContaining('Python'),
      hint: expect.stringContaining('apt-get install python3'),
    });
  });

  it('goes on where it stopped, and names the compiler where there is none', async () => {
    await allButCompiled();
    const outcome = await setup({ CXX: join(cache, 'no-compiler') });
    expect(outcome.exitCode).toBe(5);
    expect(errorOf(outcome)).toMatchObject({
      code: 'FEDX_SETUP_PREREQUISITE',
      message: expect.stringContaining('C++ compiler'),
      hint: expect.stringContaining('apt-get install g++'),
    });
    expect(outcome.stderr).toContain('TensorFlow 2.21.0: done before');
  });

  it('names the step that failed and its log', async () => {
    await allButCompiled();
    const outcome = await setup({ CXX: 'false' });
    expect(outcome.exitCode).toBe(5);
    expect(errorOf(outcome)).toMatchObject({
      code: 'FEDX_SETUP_FAILED',
      message: expect.stringContaining('Binding failed: false ended with 1'),
      place: { file: join(partial(), 'binding.log') },
    });
  });

  it('makes nothing current that does not load, and compiles it again the next time', async () => {
    await allButCompiled();
    const outcome = await setup({ CXX: await compilerThatWrites('no addon') });
    expect(outcome.exitCode).toBe(5);
    expect(errorOf(outcome)).toMatchObject({ code: 'FEDX_ENGINE_UNAVAILABLE' });
    expect((await readdir(join(cache, 'tensorflow'))).sort()).toEqual(['2.21.0-cpu.partial']);
    const again = await setup({ CXX: await compilerThatWrites('another one') });
    expect(errorOf(again)).toMatchObject({ code: 'FEDX_ENGINE_UNAVAILABLE' });
    expect(await readFile(join(partial(), 'tfjs_binding.node'), 'utf8')).toBe('another one');
  });

  it('asks for a version in three numbers', async () => {
    const outcome = await setup({}, '--version', 'latest');
    expect(outcome.exitCode).toBe(2);
    expect(errorOf(outcome)).toMatchObject({ code: 'FEDX_USAGE' });
  });
});

describe('without TensorFlow', () => {
  it('doctor names the command that sets it up, and the main job can run all the same', async () => {
    const outcome = await run(['doctor']);
    expect(outcome.exitCode).toBe(0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      automatic: { products: 'onnx', windows: 'onnx' },
      engines: [
        { name: 'onnx', usable: true, devices: ['CPU'] },
        { name: 'tensorflow', usable: false, remedy: expect.stringContaining('fedx setup tensorflow') },
        { name: 'eager', usable: true },
      ],
    });
  });

  it('a run that asks for it ends with code 5 and that command, before it has a folder', async () => {
    const outcome = await run(['run', seedExperiment, 'engine.use=tensorflow']);
    expect(outcome.exitCode).toBe(5);
    expect(errorOf(outcome)).toMatchObject({
      code: 'FEDX_ENGINE_UNAVAILABLE',
      hint: expect.stringContaining('fedx setup tensorflow'),
    });
    expect(await readdir(cache)).not.toContain('.fedx');
  });
});
