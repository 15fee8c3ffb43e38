import { describe } from 'vitest';
import { type Shape, sizeOf } from '../../packages/compiler/src/ir/index.js';
import { describeConformance, describeTraining } from '../../packages/compiler/testing/conformance.js';
import { binding, openOnTensorflow } from './run-on-tensorflow.js';

const open =
  (hasTables: boolean): typeof openOnTensorflow =>
  (loop) =>
    openOnTensorflow(loop, { xla: { device: '/device:CPU:0', hasTables } });

const isWindowed = (kernel: string): boolean => kernel === 'MaxPool' || kernel === 'Conv2D';
/** Large ones are there for how other engines cut them up, and take XLA and eager tfjs long. */
const isSmall = (shape: Shape): boolean => sizeOf(shape) < 2 ** 16;

describe.skipIf(binding === undefined)('a loop that XLA compiles whole', () => {
  // As for a GPU, here on the processor; bench/gpu.sh has a GPU run the whole corpus.
  describeConformance('XLA', open(false), (kernel, shapes) => isWindowed(kernel) && shapes.every(isSmall));
  describeTraining('XLA', open(false), ['mlp', 'lenet', 'embedding-classifier']);
  describeTraining('XLA for the processor', open(true), ['mlp', 'embedding-classifier']);
});
