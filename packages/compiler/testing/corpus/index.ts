import { arrays } from './arrays.js';
import { elementwise } from './elementwise.js';
import type { CorpusEntry } from './entry.js';
import { layers } from './layers.js';
import { reductions } from './reductions.js';
import { windows } from './windows.js';

export { type CorpusEntry, carriedOf, DEFAULT_TOLERANCE, loopOf, type Shapes } from './entry.js';
export { type CorpusModel, initialOf, lenet, mcmahanCnn, models, trainingInputsOf, trainingLoopOf } from './models.js';

/** Every kernel that compiles, in use: held against eager tfjs on each engine. */
export const corpus: readonly CorpusEntry[] = [...elementwise, ...reductions, ...arrays, ...windows, ...layers];
