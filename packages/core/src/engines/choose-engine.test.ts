import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { automaticEngine, chooseEngine, describeTensorflow } from './choose-engine.js';
import { adoptBinding } from './tensorflow/built-binding.js';

describe('automaticEngine', () => {
  it('takes TensorFlow on a GPU, for windows on a CPU too, and else ONNX', () => {
    const choices = (['GPU', 'CPU', undefined] as const).map((device) =>
      (['products', 'windows'] as const).map((work) => automaticEngine(device, work)),
    );
    expect(choices).toEqual([
      ['tensorflow', 'tensorflow'],
      ['onnx', 'tensorflow'],
      ['onnx', 'onnx'],
    ]);
  });
});

describe('chooseEngine', () => {
  let cache = '';
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'fedx-choose-engine-'));
    vi.stubEnv('FEDX_CACHE', cache);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  it.each([
    ['products', [], 'onnx', false],
    ['windows', [], 'tensorflow', true],
    ['products', ['cuda'], 'tensorflow', true],
  ] as const)(
    'loads TensorFlow for %s with libraries %j only where that can matter: %s',
    async (work, folders, name, loads) => {
      // As the binding is: it sees a GPU where it comes with the libraries of one.
      const loaded = JSON.stringify(join(cache, 'loaded'));
      const addon = join(cache, 'addon.cjs');
      await writeFile(
        addon,
        `require('node:fs').writeFileSync(${loaded}, '');
      module.exports = { TF_Version: '2.21.0', isUsingGpuDevice: () => ${folders.length > 0} };`,
      );
      const libraries = folders.map((folder) => join(cache, folder));
      await adoptBinding({ addon, libraries }, (path, content) => writeFile(path, content));
      expect(await chooseEngine('auto', async () => work)).toMatchObject({ name });
      expect(existsSync(join(cache, 'loaded'))).toBe(loads);
    },
  );
});

describe('describeTensorflow', () => {
  it('says version, source and device', () => {
    const binding = { source: 'fedx setup tensorflow', addon: 'tfjs_binding.node', libraries: [] } as const;
    const description = { version: '2.21.0', devices: ['CPU', 'GPU'] } as const;
    expect(describeTensorflow({ binding, description })).toBe('2.21.0 from fedx setup tensorflow on GPU');
  });
});
