import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { operationsDocument } from '../../testing/operations-document.js';
import { refusals } from './alternatives.js';
import { ownGradients } from './gradients.js';
import { kernels } from './kernels.js';

const refusedKernels = refusals.flatMap((refusal) => refusal.kernels);
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

describe('docs/ops.md', () => {
  it('is what `npm run docs:ops` writes', async () => {
    const written = await readFile(new URL('../../../../docs/ops.md', import.meta.url), 'utf8');
    expect(written).toBe(operationsDocument());
  });

  it('speaks of gradients of kernels that there are', () => {
    expect(Object.keys(ownGradients).filter((kernel) => !(kernel in kernels))).toEqual([]);
  });
});
