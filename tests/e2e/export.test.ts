import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { startFedx } from './fedx.js';

let project: Project;
let folder: string;

beforeAll(async () => {
  project = await createProject();
  folder = project.folder;
  await tf.setBackend('cpu');
  const { exitCode, stderr } = await fedx('run', 'spec.yaml', 'server.rounds=1', 'controls=[local-only]', '--quiet');
  expect(exitCode, stderr).toBe(0);
});

afterAll(() => project.remove());

const fedx = (...args: readonly string[]) => startFedx([...args], folder).ended;

const inputs = Float32Array.from({ length: 3 * 20 }, (_, i) => (i % 7) / 7);

async function onnxLogits(): Promise<readonly number[]> {
  await fedx('export', 'latest', '--format', 'onnx', '--out', 'as-onnx');
  const session = await InferenceSession.create(await readFile(join(folder, 'as-onnx/model.onnx')));
  const { logits } = await session.run({ inputs: new Tensor('float32', inputs, [3, 5, 4, 1]) });
  return [...(logits?.data as Float32Array)];
}

describe('fedx export', () => {
  it('writes a graph model that tfjs runs to the same logits', async () => {
    const { exitCode, stdout } = await fedx('export', 'latest', '--format', 'tfjs', '--out', 'as-tfjs', '--json');
    expect(exitCode).toBe(0);
    const written: unknown = JSON.parse(stdout);
    expect(written).toMatchObject({
      arm: 'federated',
      format: 'tfjs',
      files: ['as-tfjs/weights.bin', 'as-tfjs/model.json'],
    });
    const { modelTopology, weightsManifest } = JSON.parse(
      await readFile(join(folder, 'as-tfjs/model.json'), 'utf8'),
    ) as {
      readonly modelTopology: object;
      readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
    };
    const weights = await readFile(join(folder, 'as-tfjs/weights.bin'));
    const model = await tf.loadGraphModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest.flatMap((group) => group.weights),
        weightData: Uint8Array.from(weights).buffer,
      }),
    );
    const logits = (model.predict(tf.tensor(inputs, [3, 5, 4, 1])) as tf.Tensor).dataSync();
    (await onnxLogits()).forEach((value, i) => {
      expect(logits[i]).toBeCloseTo(value, 5);
    });
  });

  it.each(['safetensors', 'savedmodel'])('writes %s', async (format) => {
    const { exitCode, stdout } = await fedx('export', 'latest', '--format', format, '--out', `as-${format}`);
    expect(exitCode).toBe(0);
    const [file = ''] = stdout.trim().split('\n');
    expect((await readFile(join(folder, file))).length).toBeGreaterThan(1000);
  });

  it.each([
    [['latest', '--arm', 'local-only'], 'FEDX_EXPORT_FAILED'],
    [['latest', '--arm', '../../..'], 'FEDX_EXPORT_FAILED'],
    [['no-such-run'], 'FEDX_RUN_NOT_FOUND'],
    [['latest', '--format', 'pickle'], 'FEDX_USAGE'],
  ])('refuses %j', async (args, code) => {
    const { exitCode, stderr } = await fedx('export', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(code);
  });
});
