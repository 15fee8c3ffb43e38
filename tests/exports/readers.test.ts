import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHost } from '@fedx/core/host';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBinding } from '../../packages/core/dist/engines/tensorflow/find-binding.js';
import { createProject, type Project, plugins } from '../integration/tiny-federation.js';

const readers = pythonWithReaders();

const models = {
  mlp: '{ use: mlp, hidden: [20], activation: relu }',
  resnet: '{ use: resnet-gn, stages: [1, 1], width: 4, groups: 2 }',
  lstm: '{ use: lstm-classifier, units: 6 }',
  depthwise: '{ use: depthwise }',
} as const;
const names = Object.keys(models) as (keyof typeof models)[];

const shape = [3, 5, 4, 1];
const inputs = Float32Array.from({ length: 3 * 20 }, (_, i) => (i % 7) / 7);

/** What TensorFlow has kernels for with oneDNN only: a dilation, and other strides across than down. Its names are no nodes'. */
const depthwise = `import { defineModel } from '@fedx/core';
const sines = (shape) => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i)) });
export default defineModel({
  name: 'depthwise',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: () => ({ 'a b': sines([3, 3, 1, 2]), 'ü/é': sines([2, 2, 2, 1]), 'k:0': sines([24, 10]) }),
    apply: ({ tf, parameters: p, inputs }) => {
      const seen = tf.depthwiseConv2d(inputs, p['a b'], 1, 'same', 'NHWC', [2, 1]);
      const fewer = tf.depthwiseConv2d(seen, p['ü/é'], [2, 1], 'same');
      return { logits: tf.matMul(tf.reshape(fewer, [-1, 24]), p['k:0']) };
    },
  }),
});
`;

let project: Project;
/** Where all exports lie, by `<model>-<format>`. */
let folder = '';
const expected = new Map<string, readonly number[]>();

beforeAll(async () => {
  project = await createProject();
  await project.write('depthwise.js', depthwise);
  await tf.setBackend('cpu');
  folder = join(project.folder, 'exported');
  for (const name of names) {
    const run = await project.run([
      `model=${models[name]}`,
      'plugins=[./depthwise.js]',
      'server.rounds=1',
      'engine.use=onnx',
    ]);
    if (run.error !== undefined) throw run.error as Error;
    const host = createHost({
      plugins,
      directory: resolve(run.folder, '../../..'),
      cache: join(project.folder, 'cache'),
    });
    for (const format of ['onnx', 'tfjs', 'savedmodel', 'safetensors'])
      await host.export({ run: 'latest', arm: 'federated', format, folder: join(folder, `${name}-${format}`) });
    const session = await InferenceSession.create(await readFile(join(folder, `${name}-onnx`, 'model.onnx')));
    const { logits } = await session.run({ inputs: new Tensor('float32', inputs, shape) });
    expected.set(name, [...(logits?.data as Float32Array)]);
  }
});

afterAll(() => project.remove());

/** Within 1e-5 of the logits that ONNX Runtime gives. */
function expectLogits(name: string, logits: ArrayLike<number> | undefined): void {
  const wanted = expected.get(name) ?? [];
  expect(wanted).toHaveLength(30);
  expect(logits).toHaveLength(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs((logits?.[i] ?? NaN) - value), `${name}[${i}]`).toBeLessThanOrEqual(1e-5);
  });
}

describe('a model that was exported', () => {
  it.each(names)('gives the same logits in tfjs: %s', async (name) => {
    const { modelTopology, weightsManifest } = JSON.parse(
      await readFile(join(folder, `${name}-tfjs`, 'model.json'), 'utf8'),
    ) as {
      readonly modelTopology: object;
      readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
    };
    const weights = await readFile(join(folder, `${name}-tfjs`, 'weights.bin'));
    const model = await tf.loadGraphModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest.flatMap((group) => group.weights),
        weightData: Uint8Array.from(weights).buffer,
      }),
    );
    expectLogits(name, (model.predict(tf.tensor(inputs, [3, 5, 4, 1])) as tf.Tensor).dataSync());
  });

  it.skipIf(readers === undefined)(
    "gives the same logits in Python's TensorFlow and, by its safetensors, in NumPy",
    () => {
      if (readers === undefined) throw new Error('There is no Python that reads models.');
      const { python, modules } = readers;
      const script = fileURLToPath(new URL('./read_models.py', import.meta.url));
      const printed = execFileSync(python, [script, folder], {
        encoding: 'utf8',
        input: JSON.stringify({ shape, values: [...inputs] }),
        // oneDNN has kernels that TensorFlow lacks without it, as on other machines.
        env: { ...process.env, PYTHONPATH: modules, TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0' },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const { safetensors, ...answers } = JSON.parse(printed) as Readonly<Record<string, readonly number[]>>;
      expect(Object.keys(answers).sort()).toEqual([...names].sort());
      for (const name of names) expectLogits(name, answers[name]);
      expectLogits('mlp', safetensors);
    },
  );
});

/** The Python of `fedx setup tensorflow`, with what tests/exports/install.sh adds. Both are there in CI. */
function pythonWithReaders(): { readonly python: string; readonly modules: string } | undefined {
  const binding = findBinding();
  const python = binding && join(dirname(binding.addon), 'venv', 'bin', 'python');
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const modules = resolve(repository, process.env['FEDX_CACHE'] ?? '.fedx/cache', 'exports');
  if (python !== undefined && existsSync(python) && existsSync(join(modules, 'complete'))) return { python, modules };
  if (process.env['CI'] === undefined) return undefined;
  throw new Error(
    'Python cannot read models. Run `fedx setup tensorflow` and tests/exports/install.sh before the tests.',
  );
}
