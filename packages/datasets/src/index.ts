import type { Plugin } from '@fedx/core';
import { mnist } from './mnist.js';

/** The datasets that ship with fedx. */
export const datasets: readonly Plugin[] = [mnist];

export { mnist };
