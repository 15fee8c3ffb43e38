import type { Plugin } from '@fedx/core';
import { mlp } from './mlp.js';
import { adagrad, adam, adamw, rmsprop, sgd } from './optimizers/index.js';
import { constant, cosine, exponential, step } from './schedules/index.js';

/** The models that ship with fedx. */
export const models: readonly Plugin[] = [mlp];

/** The optimizers that ship with fedx. */
export const optimizers: readonly Plugin[] = [sgd, adam, adamw, adagrad, rmsprop];

/** The learning-rate schedules that ship with fedx. */
export const schedules: readonly Plugin[] = [constant, step, exponential, cosine];

export { mlp, sgd };
