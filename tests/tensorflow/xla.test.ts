import { describe } from 'vitest';
import { describeConformance, describeTraining } from '../../packages/compiler/testing/conformance.js';
import { binding, openOnTensorflow } from './run-on-tensorflow.js';

const open =
  (hasTables: boolean): typeof openOnTensorflow =>
  (loop) =>
    openOnTensorflow(loop, { xla: { device: '/device:CPU:0', hasTables } });

describe.skipIf(binding === undefined)('a loop that XLA compiles whole', () => {
  // As for a GPU, here on the processor; bench/gpu.sh has a GPU run the whole corpus.
  describeConformance('XLA', open(false), ['MaxPool', 'Conv2D']);
  describeTraining('XLA', open(false), ['mlp', 'lenet', 'embedding-classifier']);
  describeTraining('XLA for the processor', open(true), ['mlp', 'embedding-classifier']);
});
