import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tensorflowEnvironment } from './environment.js';
import { bindingsFolder, findBinding, unavailable } from './find-binding.js';

let cache = '';

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'fedx-bindings-'));
});

afterEach(() => rm(cache, { recursive: true }));

async function build(current: object): Promise<void> {
  const folder = join(bindingsFolder(cache), '2.21.0-cuda');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tfjs_binding.node'), '');
  await writeFile(join(bindingsFolder(cache), 'current.json'), JSON.stringify(current));
}

describe('findBinding', () => {
  it('finds what a setup made current, with its libraries', async () => {
    await build({ addon: '2.21.0-cuda/tfjs_binding.node', libraries: ['2.21.0-cuda/nvidia/cublas/lib'] });
    expect(findBinding(cache)).toEqual({
      source: 'fedx setup tensorflow',
      addon: join(cache, 'tensorflow/2.21.0-cuda/tfjs_binding.node'),
      libraries: [join(cache, 'tensorflow/2.21.0-cuda/nvidia/cublas/lib')],
    });
  });

  it('does not find one that was removed', async () => {
    await build({ addon: '2.20.0-cpu/tfjs_binding.node', libraries: [] });
    expect(findBinding(cache)?.source).not.toBe('fedx setup tensorflow');
  });

  it.each(['{ "addon"', '[]', '{ "addon": 3, "libraries": [] }', 'null'])(
    'names the file where it holds %s',
    async (text) => {
      await build({});
      const file = join(bindingsFolder(cache), 'current.json');
      await writeFile(file, text);
      expect(() => findBinding(cache)).toThrow(
        expect.objectContaining({ code: 'FEDX_ENGINE_UNAVAILABLE', message: expect.stringContaining(file) }),
      );
    },
  );

  it('names the command that sets TensorFlow up where there is none', () => {
    expect(unavailable('No TensorFlow.')).toMatchObject({
      code: 'FEDX_ENGINE_UNAVAILABLE',
      exitCode: 5,
      hint: expect.stringContaining('fedx setup tensorflow'),
    });
  });
});

describe('tensorflowEnvironment', () => {
  const binding = { source: 'fedx setup tensorflow', addon: 'tfjs_binding.node' } as const;

  it('pins threads and what changes bits', () => {
    expect(tensorflowEnvironment({ ...binding, libraries: [] })).toMatchObject({
      TF_NUM_INTRAOP_THREADS: '1',
      TF_NUM_INTEROP_THREADS: '1',
      TF_DETERMINISTIC_OPS: '1',
      TF_ENABLE_ONEDNN_OPTS: '1',
      NVIDIA_TF32_OVERRIDE: '0',
    });
  });

  it('has CUDA libraries found, before those that the user names', () => {
    expect(
      tensorflowEnvironment({ ...binding, libraries: ['/a/lib', '/b/lib'] }, { LD_LIBRARY_PATH: '/usr/x' }),
    ).toMatchObject({
      LD_LIBRARY_PATH: '/a/lib:/b/lib:/usr/x',
    });
    expect(tensorflowEnvironment({ ...binding, libraries: [] }, {})).not.toHaveProperty('LD_LIBRARY_PATH');
  });
});
