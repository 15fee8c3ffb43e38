import type { Model, ModelShape, Parameters } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { lenet } from './lenet.js';
import { lstmClassifier } from './lstm-classifier.js';
import { mcmahan2nn, mcmahanCnn } from './mcmahan.js';
import { resnetGn } from './resnet-gn.js';
import { softmaxRegression } from './softmax-regression.js';

const context = { directory: '.' };
const mnist: ModelShape = { inputShape: [28, 28, 1], classes: 10 };
const cifar: ModelShape = { inputShape: [32, 32, 3], classes: 10 };
const residual = { stages: [2, 2, 2, 2], width: 64, groups: 32 };

const parametersOf = (model: Model): Parameters => model.init(createRandom(1));
const count = (model: Model): number =>
  Object.values(parametersOf(model)).reduce((sum, { data }) => sum + data.length, 0);

describe('models have the parameters that their papers give', () => {
  it.each([
    ['softmax-regression', softmaxRegression.create({}, mnist, context), 7850],
    ['mcmahan-2nn', mcmahan2nn.create({}, mnist, context), 199_210],
    ['mcmahan-cnn', mcmahanCnn.create({}, mnist, context), 1_663_370],
    // 5*5*6+6 + 5*5*6*16+16 + 256*120+120 + 120*84+84 + 84*10+10, as in Flower's niid_bench.
    ['lenet', lenet.create({}, mnist, context), 44_426],
    // As ResNet-18 for CIFAR-10: a scale and an offset a channel, whatever is normalised over.
    ['resnet-gn', resnetGn.create(residual, cifar, context), 11_173_962],
    // 4 * (28 + 128 + 1) * 128 of the cell, 128 * 10 + 10 of the head.
    ['lstm-classifier', lstmClassifier.create({ units: 128 }, mnist, context), 81_674],
  ])('%s', (_, model, expected) => {
    expect(count(model)).toBe(expected);
  });
});

describe('a model', () => {
  it('starts from the same values for the same seed, and from others for another', () => {
    const model = lenet.create({}, mnist, context);
    const kernel = (seed: number) => [...(model.init(createRandom(seed))['conv-1/kernel']?.data ?? [])];
    expect(kernel(3)).toEqual(kernel(3));
    expect(kernel(4)).not.toEqual(kernel(3));
  });

  it.each([
    ['mcmahan-cnn', () => mcmahanCnn.create({}, { inputShape: [784], classes: 10 }, context)],
    ['lenet', () => lenet.create({}, { inputShape: [8, 8, 1], classes: 10 }, context)],
    ['resnet-gn', () => resnetGn.create({ ...residual, groups: 7 }, cifar, context)],
    ['lstm-classifier', () => lstmClassifier.create({ units: 4 }, { inputShape: [12], classes: 2 }, context)],
  ])('refuses examples and sizes that it is not for: %s', (name, create) => {
    expect(create).toThrow(
      expect.objectContaining({ code: 'FEDX_MODEL_SHAPE', message: expect.stringContaining(name) as string }),
    );
  });
});

describe('the recurrent kernel of an LSTM', () => {
  it('has orthonormal rows', () => {
    const { data = new Float32Array() } =
      parametersOf(lstmClassifier.create({ units: 6 }, mnist, context))['lstm/recurrent'] ?? {};
    const row = (r: number) => data.subarray(r * 24, (r + 1) * 24);
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < 6; b++) {
        const product = row(a).reduce((sum, value, i) => sum + value * (row(b)[i] ?? 0), 0);
        expect(product).toBeCloseTo(Number(a === b), 5);
      }
    }
  });
});
