import { arrayKernels } from './array-kernels.js';
import { compositeKernels } from './composite-kernels.js';
import { elementwiseKernels } from './elementwise-kernels.js';
import type { Kernels } from './kernel-call.js';
import { windowKernels } from './window-kernels.js';

/** Every tfjs kernel that can be traced; the others are refused where they are called. */
export const kernels: Kernels = { ...elementwiseKernels, ...compositeKernels, ...arrayKernels, ...windowKernels };
