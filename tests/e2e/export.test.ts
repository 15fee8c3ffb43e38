import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { startFedx } from './fedx.js';

let project: Project;
let folder: string;

beforeAll(async () => {
  project = await createProject();
  folder = project.folder;
  const { exitCode, stderr } = await fedx('run', 'spec.yaml', 'server.rounds=1', 'controls=[local-only]', '--quiet');
  expect(exitCode, stderr).toBe(0);
});

afterAll(() => project.remove());

const fedx = (...args: readonly string[]) => startFedx([...args], folder).ended;

describe('fedx export', () => {
  it('says what it wrote, and where', async () => {
    const { exitCode, stdout } = await fedx('export', 'latest', '--format', 'tfjs', '--out', 'as-tfjs', '--json');
    expect(exitCode).toBe(0);
    const written: unknown = JSON.parse(stdout);
    expect(written).toMatchObject({
      arm: 'federated',
      format: 'tfjs',
      files: ['as-tfjs/weights.bin', 'as-tfjs/model.json'],
    });
  });

  it.each(['safetensors', 'onnx', 'savedmodel'])('writes %s', async (format) => {
    const { exitCode, stdout } = await fedx('export', 'latest', '--format', format, '--out', `as-${format}`);
    expect(exitCode).toBe(0);
    const [file = ''] = stdout.trim().split('\n');
    expect((await readFile(join(folder, file))).length).toBeGreaterThan(1000);
  });

  it.each([
    [['latest', '--arm', 'local-only'], 'The arm local-only of this run has no final model.'],
    [['latest', '--arm', 'federatd'], 'Did you mean federated? Arms of this run: federated, local-only.'],
    [['latest', '--arm', '../../..'], 'has no arm "../../.."'],
    [['no-such-run'], 'FEDX_RUN_NOT_FOUND'],
    [['latest', '--format', 'pickle'], 'FEDX_USAGE'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr } = await fedx('export', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('ENOENT');
  });

  it.each(['spec.yaml', 'spec.yaml/x'])('refuses to make the folder %s, where a file is', async (out) => {
    const { exitCode, stderr } = await fedx('export', 'latest', '--out', out);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^FEDX_STORAGE_FAILED: Cannot create /);
  });
});

describe.each([
  ['divides by how many examples there are', 'onnx', 'x.div(x.shape[0])', 'how many examples a batch has'],
  ['only runs uncompiled', 'eager', 'tf.image.resizeBilinear(x, [5, 4])', 'ResizeBilinear'],
])('a model that %s', (_, engine, expression, reason) => {
  it('is trained and kept, and says that it cannot leave as ONNX', async () => {
    await project.write(
      'model.js',
      `import { defineModel } from '@fedx/core';
export default defineModel({
  name: 'of-one-batch',
  options: { type: 'object', properties: {}, required: [], additionalProperties: false },
  create: (_, { classes }) => ({
    init: () => ({ w: { shape: [20, classes], data: new Float32Array(20 * classes) } }),
    apply: ({ tf, parameters, inputs: x }) => ({ logits: tf.matMul(tf.reshape(${expression}, [-1, 20]), parameters.w) }),
  }),
});
`,
    );
    const { exitCode, stderr } = await fedx(
      ...['run', 'spec.yaml', 'server.rounds=1', 'plugins=[./model.js]', 'model={use: of-one-batch}'],
      ...[`engine.use=${engine}`],
    );
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('There is no model.onnx.');
    expect(stderr).toContain(reason);
    const kept = await fedx('export', 'latest', '--format', 'safetensors', '--out', `kept-${engine}`);
    expect(kept.exitCode).toBe(0);
    for (const format of ['onnx', 'tfjs']) {
      const refused = await fedx('export', 'latest', '--format', format, '--out', `as-${format}-of-${engine}`);
      expect(refused.exitCode).toBe(4);
      expect(refused.stderr).toContain(reason);
    }
  });
});

describe('a model whose plugin has changed since the run', () => {
  const write = (factor: number) =>
    project.write(
      'scaled.js',
      `import { defineModel } from '@fedx/core';
export default defineModel({
  name: 'scaled',
  options: { type: 'object', properties: {}, required: [], additionalProperties: false },
  create: (_, { classes }) => ({
    init: () => ({ w: { shape: [20, classes], data: new Float32Array(20 * classes) } }),
    apply: ({ tf, parameters, inputs }) => ({ logits: tf.mul(tf.matMul(tf.reshape(inputs, [-1, 20]), parameters.w), ${factor}) }),
  }),
});
`,
    );

  it('leaves as the run wrote it, and in no format for which it must be traced anew', async () => {
    await write(2);
    const run = await fedx('run', 'spec.yaml', 'server.rounds=1', 'plugins=[./scaled.js]', 'model={use: scaled}');
    expect(run.exitCode, run.stderr).toBe(0);
    const unchanged = await fedx('export', 'latest', '--format', 'tfjs', '--out', 'before');
    expect(unchanged.exitCode, unchanged.stderr).toBe(0);
    await write(3);
    for (const format of ['safetensors', 'onnx'])
      expect((await fedx('export', 'latest', '--format', format, '--out', 'after')).exitCode).toBe(0);
    for (const format of ['tfjs', 'savedmodel']) {
      const { exitCode, stderr } = await fedx('export', 'latest', '--format', format, '--out', 'after');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('FEDX_EXPORT_FAILED: The plugin ./scaled.js has changed since the run');
    }
  });
});
