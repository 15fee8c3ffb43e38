import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeBinding } from '../../packages/core/dist/engines/tensorflow/probe.js';
import { createProject, distance, type Project, resultsOf, weightsOf } from '../integration/tiny-federation.js';
import { binding, found } from './run-on-tensorflow.js';

const onTensorflow = 'engine.use=tensorflow';
const controls = 'controls=[iid, centralized, local-only]';
/** The model and the images of experiments/noniid-mnist.yaml. */
const seedExperiment = [
  'dataset={ use: mnist, split: pooled }',
  'partition={ use: dominant-label, clients: 10, dominantShare: 0.55 }',
  'holdout.test=0.142857',
  'model={ use: mlp, hidden: [6], activation: tanh }',
  'client={ epochs: 1, batchSize: 32, optimizer: { use: sgd, learningRate: 0.003 } }',
];

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(() => project.remove());

describe.skipIf(binding === undefined)('a run on TensorFlow', () => {
  it('gives the same bits for 1, 2 and 3 workers, in every arm', async () => {
    const expected = await resultsOf(await project.run([onTensorflow, controls, 'executor.workers=1']));
    expect(Object.keys(expected)).toContain('federated model');
    for (const workers of [2, 3]) {
      const results = await resultsOf(await project.run([onTensorflow, controls, `executor.workers=${workers}`]));
      expect(results, `${workers} workers`).toEqual(expected);
    }
  });

  it.each([
    ['keep', 'batchSize=8'],
    ['drop', 'batchSize=8'],
    ['keep', 'batchSize=all'],
  ])('agrees with eager training within 1e-5: lastBatch %s, %s', async (lastBatch, batchSize) => {
    const overrides = [`client.lastBatch=${lastBatch}`, `client.${batchSize}`, 'controls=[centralized]'];
    const compiled = await project.run([...overrides, onTensorflow]);
    const eager = await project.run([...overrides, 'engine.use=eager']);
    for (const arm of ['federated', 'centralized'])
      expect(distance(await weightsOf(compiled, arm), await weightsOf(eager, arm)), arm).toBeLessThanOrEqual(1e-5);
  });

  it.each([
    'model={ use: lstm-classifier, units: 6 }',
    'model={ use: resnet-gn, stages: [1, 1], width: 4, groups: 2 }',
  ])('agrees with eager training within 1e-4: %s', async (model) => {
    const overrides = [model, 'client.optimizer.learningRate=0.02', 'client.epochs=1', 'server.rounds=1'];
    const compiled = await project.run([...overrides, onTensorflow]);
    const eager = await project.run([...overrides, 'engine.use=eager']);
    expect(distance(await weightsOf(compiled), await weightsOf(eager))).toBeLessThanOrEqual(1e-4);
  });

  it('repeats the seed experiment bit for bit, and agrees with ONNX within 1e-4 after 3 rounds', async () => {
    const overrides = [...seedExperiment, 'server.rounds=3'];
    const one = await project.run([...overrides, onTensorflow, 'executor.workers=1']);
    const two = await project.run([...overrides, onTensorflow, 'executor.workers=2']);
    const onnx = await project.run([...overrides, 'engine.use=onnx']);
    expect(await resultsOf(two)).toEqual(await resultsOf(one));
    expect(distance(await weightsOf(one), await weightsOf(onnx))).toBeLessThanOrEqual(1e-4);
    expect(distance(await weightsOf(one), await weightsOf(onnx))).toBeGreaterThan(0);
  });

  it('is what auto means on a GPU, and ONNX for a model of products on a CPU', async () => {
    const { devices } = await probeBinding(found());
    const engineOf = async (model: string) =>
      (await project.run([model, 'engine.use=auto', 'server.rounds=1'])).report?.runs[0]?.engine;
    const expected = devices.includes('GPU') ? 'tensorflow' : 'onnx';
    expect(await engineOf('model={ use: resnet-gn, stages: [1], width: 4, groups: 2 }')).toBe(expected);
    expect(await engineOf('model={ use: mlp, hidden: [6] }')).toBe(expected);
  });

  it('says in its folder which TensorFlow computed, and on what', async () => {
    const { folder, error } = await project.run([onTensorflow]);
    expect(error).toBeUndefined();
    const { packages } = JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, string>>;
    };
    expect(packages['tensorflow']).toMatch(/^\d+\.\d+\.\d+ from fedx setup tensorflow on (CPU|GPU)$/);
    expect(await readFile(join(folder, 'spec.resolved.yaml'), 'utf8')).toContain('use: tensorflow');
  });
});
