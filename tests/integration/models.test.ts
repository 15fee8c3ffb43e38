import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, images, type Project, resultsOf, weightsOf } from './tiny-federation.js';

let project: Project;

beforeAll(async () => {
  project = await createProject();
  // Images large enough for the convolutional models.
  for (const [name, part] of [
    ['train', images(60, 0, 16)],
    ['t10k', images(20, 60, 16)],
  ] as const) {
    await project.write(`data/${name}-images-idx3-ubyte`, part.images);
    await project.write(`data/${name}-labels-idx1-ubyte`, part.labels);
  }
});

afterAll(() => project.remove());

const small = [
  'partition.clients=2',
  'server.rounds=2',
  'client.epochs=1',
  'client.batchSize=5',
  'client.optimizer.learningRate=0.05',
];

describe.each([
  ['softmax-regression', '{ use: softmax-regression }', 1e-5],
  ['mcmahan-2nn', '{ use: mcmahan-2nn }', 1e-5],
  ['lenet', '{ use: lenet }', 1e-5],
  ['mcmahan-cnn', '{ use: mcmahan-cnn }', 1e-5],
  ['resnet-gn', '{ use: resnet-gn, stages: [1, 1], width: 4, groups: 2 }', 1e-4],
  ['lstm-classifier', '{ use: lstm-classifier, units: 8 }', 1e-5],
])('the model %s', (_, model, tolerance) => {
  it('trains compiled as it does eagerly, with the same bits for any number of workers', async () => {
    const overrides = [...small, `model=${model}`];
    const one = await project.run([...overrides, 'executor.workers=1']);
    const two = await project.run([...overrides, 'executor.workers=2']);
    expect(await resultsOf(two)).toEqual(await resultsOf(one));
    const eager = await project.run([...overrides, 'engine.use=eager']);
    expect(distance(await weightsOf(one), await weightsOf(eager))).toBeLessThanOrEqual(tolerance);
  });

  it('leaves as an ONNX model that takes any batch', async () => {
    const { folder, error } = await project.run([...small, `model=${model}`]);
    expect(error).toBeUndefined();
    const session = await InferenceSession.create(await readFile(join(folder, 'arms/federated/model/model.onnx')));
    for (const batch of [1, 7]) {
      const inputs = new Tensor('float32', new Float32Array(batch * 256).fill(0.5), [batch, 16, 16, 1]);
      const { logits } = await session.run({ inputs });
      expect(logits?.dims).toEqual([batch, 10]);
    }
  });
});
