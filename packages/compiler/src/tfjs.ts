import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';

/**
 * tfjs, by `require`: it is CommonJS, and `import` first reads all of its source for the names that it exports, which takes
 * twice as long as to run it.
 */
export const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof tfjs;
