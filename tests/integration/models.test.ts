import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, images, type Project, type Run, resultsOf, weightsOf } from './tiny-federation.js';

let project: Project;

/** Sides of the images, in pixels: plain tfjs takes its time over convolutions. */
const sides = [6, 8, 16];

beforeAll(async () => {
  project = await createProject();
  for (const side of sides) {
    await mkdir(join(project.folder, `data-${side}`));
    for (const [name, part] of [
      ['train', images(60, 0, side)],
      ['t10k', images(20, 60, side)],
    ] as const) {
      await project.write(`data-${side}/${name}-images-idx3-ubyte`, part.images);
      await project.write(`data-${side}/${name}-labels-idx1-ubyte`, part.labels);
    }
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
  ['softmax-regression', '{ use: softmax-regression }', 16, 1e-5],
  ['mcmahan-2nn', '{ use: mcmahan-2nn }', 16, 1e-5],
  ['lenet', '{ use: lenet }', 16, 1e-5],
  ['mcmahan-cnn', '{ use: mcmahan-cnn }', 6, 1e-5],
  ['resnet-gn', '{ use: resnet-gn, stages: [1, 1], width: 4, groups: 2 }', 8, 1e-4],
  ['lstm-classifier', '{ use: lstm-classifier, units: 8 }', 16, 1e-5],
])('the model %s', (_, model, side, tolerance) => {
  const overrides = [...small, `dataset.path=./data-${side}`, `model=${model}`];
  let one: Run;

  beforeAll(async () => {
    one = await project.run([...overrides, 'executor.workers=1']);
  });

  it('trains compiled as it does eagerly, with the same bits for any number of workers', async () => {
    const two = await project.run([...overrides, 'executor.workers=2']);
    expect(await resultsOf(two)).toEqual(await resultsOf(one));
    const eager = await project.run([...overrides, 'engine.use=eager']);
    expect(distance(await weightsOf(one), await weightsOf(eager))).toBeLessThanOrEqual(tolerance);
  });

  it('leaves as an ONNX model that takes any batch', async () => {
    expect(one.error).toBeUndefined();
    const session = await InferenceSession.create(await readFile(join(one.folder, 'arms/federated/model/model.onnx')));
    for (const batch of [1, 7]) {
      const inputs = new Tensor('float32', new Float32Array(batch * side ** 2).fill(0.5), [batch, side, side, 1]);
      const { logits } = await session.run({ inputs });
      expect(logits?.dims).toEqual([batch, 10]);
    }
  });
});
