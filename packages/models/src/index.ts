import type { Plugin } from '@fedx/core';
import { mlp } from './mlp.js';
import { sgd } from './sgd.js';

/** The models that ship with fedx. */
export const models: readonly Plugin[] = [mlp];

/** The optimizers that ship with fedx. */
export const optimizers: readonly Plugin[] = [sgd];

export { mlp, sgd };
