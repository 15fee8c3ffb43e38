import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, type Project, resultsOf, weightsOf } from './tiny-federation.js';

/** tfjs layers as a plugin's author writes them. */
const plugin = `import { defineModel, fromLayers } from '@fedx/core';

const none = { type: 'object', additionalProperties: false, properties: {} };

export default [
  defineModel({
    name: 'normed',
    options: none,
    create: (_, { inputShape, classes }) =>
      fromLayers((tf) =>
        tf.sequential({
          layers: [
            tf.layers.conv2d({ inputShape, filters: 3, kernelSize: 3, padding: 'same', useBias: false, kernelRegularizer: tf.regularizers.l2({ l2: 0.001 }) }),
            tf.layers.batchNormalization({ momentum: 0.9 }),
            tf.layers.activation({ activation: 'relu' }),
            tf.layers.maxPooling2d({ poolSize: 2 }),
            tf.layers.flatten(),
            tf.layers.dropout({ rate: 0.2 }),
            tf.layers.dense({ units: classes, activation: 'softmax' }),
          ],
        }),
      ),
  }),
  defineModel({
    name: 'gated',
    options: none,
    create: (_, { inputShape: [length, features], classes }) =>
      fromLayers((tf) =>
        tf.sequential({
          layers: [
            tf.layers.reshape({ inputShape: [length, features, 1], targetShape: [length, features] }),
            tf.layers.gru({ units: 6, returnSequences: true }),
            tf.layers.lstm({ units: 5 }),
            tf.layers.dense({ units: classes }),
          ],
        }),
      ),
  }),
];
`;

let project: Project;

beforeAll(async () => {
  project = await createProject();
  await project.write('layers.ts', plugin);
  await tf.setBackend('cpu');
  await save(
    'saved',
    tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [5, 4, 1] }),
        tf.layers.dense({ units: 10, kernelInitializer: 'zeros' }),
      ],
    }),
  );
  await save(
    'narrow',
    tf.sequential({ layers: [tf.layers.flatten({ inputShape: [5, 4, 1] }), tf.layers.dense({ units: 3 })] }),
  );
});

afterAll(() => project.remove());

/** As the file handler of tfjs-node writes a model. */
async function save(name: string, model: tf.LayersModel): Promise<void> {
  const folder = join(project.folder, name);
  await mkdir(folder);
  await model.save({
    save: async ({ modelTopology, weightSpecs = [], weightData }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest }));
      await writeFile(join(folder, 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  });
}

describe.each(['normed', 'gated'])('the layers %s', (use) => {
  const overrides = [
    'plugins=[./layers.ts]',
    `model={ use: ${use} }`,
    'client.epochs=1',
    'client.optimizer.momentum=0.9',
  ];

  it('train compiled as they do eagerly, with the same bits for any number of workers', async () => {
    const one = await project.run([...overrides, 'controls=[centralized]', 'executor.workers=1']);
    expect(await resultsOf(await project.run([...overrides, 'controls=[centralized]', 'executor.workers=3']))).toEqual(
      await resultsOf(one),
    );
    const eager = await project.run([...overrides, 'engine.use=eager']);
    expect(distance(await weightsOf(one), await weightsOf(eager))).toBeLessThanOrEqual(1e-4);
  });
});

describe('a saved LayersModel', () => {
  it('starts from its weights and trains', async () => {
    const { report, error } = await project.run(['model={ use: layers, path: ./saved/model.json }']);
    expect(error).toBeUndefined();
    expect(report?.runs[0]?.metrics['test/accuracy']?.last).toBeGreaterThan(0.5);
  });

  it.each([
    ['is not there', './missing/model.json', 'FEDX_DATA_NOT_FOUND', () => Promise.resolve()],
    ['is for other classes', './narrow/model.json', 'FEDX_MODEL_SHAPE', () => Promise.resolve()],
    [
      'has cut weights',
      './saved/model.json',
      'FEDX_DATA_CORRUPT',
      () => project.write('saved/weights.bin', new Uint8Array(100)),
    ],
    [
      'has a layer that tfjs does not know',
      './saved/model.json',
      'FEDX_DATA_CORRUPT',
      () =>
        project.write(
          'saved/model.json',
          JSON.stringify({
            modelTopology: {
              class_name: 'Sequential',
              config: { name: 'm', layers: [{ class_name: 'Capsule', config: { text: 'x'.repeat(1000) } }] },
            },
            weightsManifest: [],
          }),
        ),
    ],
    [
      'is a graph model',
      './saved/model.json',
      'FEDX_DATA_CORRUPT',
      () =>
        project.write(
          'saved/model.json',
          JSON.stringify({ format: 'graph-model', modelTopology: { node: [] }, weightsManifest: [] }),
        ),
      'is a tfjs graph model, which has no layers to train',
    ],
    [
      'is cut off',
      './saved/model.json',
      'FEDX_DATA_CORRUPT',
      () => project.write('saved/model.json', '{"modelTopology": {'),
    ],
  ])('is refused where it %s', async (_, path, code, spoil, message = '') => {
    await spoil();
    const { error } = await project.run([`model={ use: layers, path: ${path} }`]);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect((error as Error).message.length).toBeLessThan(400);
  });
});
