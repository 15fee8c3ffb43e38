import type { Plugin } from '@fedx/core';
import { fedavg } from './fedavg.js';
import { all } from './samplers/all.js';

/** The strategies that ship with fedx. */
export const strategies: readonly Plugin[] = [fedavg];

/** The client samplers that ship with fedx. */
export const samplers: readonly Plugin[] = [all];

export { all, fedavg };
