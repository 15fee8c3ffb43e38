import { describe } from 'vitest';
import { describeConformance, describeTraining } from '../../packages/compiler/testing/conformance.js';
import { binding, openOnTensorflow } from './run-on-tensorflow.js';

/** What a GPU runs, here on the processor; bench/gpu.sh has a GPU run the whole corpus. */
const open: typeof openOnTensorflow = (loop) => openOnTensorflow(loop, { xla: '/device:CPU:0' });

describe.skipIf(binding === undefined)('a loop that XLA compiles whole', () => {
  describeConformance('XLA', open, ['MaxPool', 'Conv2D']);
  describeTraining('XLA', open, ['mlp', 'lenet', 'embedding-classifier']);
});
