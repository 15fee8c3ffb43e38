import type { Plugin } from '@fedx/core';
import { lenet } from './lenet.js';
import { lstmClassifier } from './lstm-classifier.js';
import { mcmahan2nn, mcmahanCnn } from './mcmahan.js';
import { balancedAccuracy, expectedCalibrationError, macroF1, topKAccuracy } from './metrics/index.js';
import { mlp } from './mlp.js';
import { adagrad, adam, adamw, rmsprop, sgd } from './optimizers/index.js';
import { resnetGn } from './resnet-gn.js';
import { savedLayers } from './saved-layers.js';
import { constant, cosine, exponential, step } from './schedules/index.js';
import { softmaxRegression } from './softmax-regression.js';

/** The models that ship with fedx. */
export const models: readonly Plugin[] = [
  softmaxRegression,
  mlp,
  mcmahan2nn,
  lenet,
  mcmahanCnn,
  resnetGn,
  lstmClassifier,
  savedLayers,
];

/** The optimizers that ship with fedx. */
export const optimizers: readonly Plugin[] = [sgd, adam, adamw, adagrad, rmsprop];

/** The learning-rate schedules that ship with fedx. */
export const schedules: readonly Plugin[] = [constant, step, exponential, cosine];

/** The metrics that ship with fedx, beside accuracy and loss. */
export const metrics: readonly Plugin[] = [macroF1, balancedAccuracy, topKAccuracy, expectedCalibrationError];

export { mlp, sgd };
