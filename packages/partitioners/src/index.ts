import type { Plugin } from '@fedx/core';
import { dominantLabel } from './dominant-label.js';
import { iid } from './iid.js';

/** The partitioners that ship with fedx. */
export const partitioners: readonly Plugin[] = [dominantLabel, iid];

export { dominantLabel, iid };
