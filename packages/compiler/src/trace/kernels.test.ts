import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { refusedKernels } from './alternatives.js';
import { kernels } from './kernels.js';

const known = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);

describe('the table of kernels', () => {
  it('has every kernel of tfjs, or says what to use instead', () => {
    const answered = new Set([...Object.keys(kernels), ...refusedKernels]);
    expect(known.filter((kernel) => !answered.has(kernel))).toEqual([]);
  });

  it('has no other names, and none that is refused', () => {
    expect([...Object.keys(kernels), ...refusedKernels].filter((kernel) => !known.includes(kernel))).toEqual([]);
    expect(refusedKernels.filter((kernel) => kernel in kernels)).toEqual([]);
  });
});
