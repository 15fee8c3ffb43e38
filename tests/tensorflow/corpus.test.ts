import { describe } from 'vitest';
import { describeConformance, describeTraining } from '../../packages/compiler/testing/conformance.js';
import { binding, openOnTensorflow } from './run-on-tensorflow.js';

/** For XLA, e.g. `/device:GPU:0`; bench/gpu.sh sets it. */
const device = process.env['FEDX_TEST_XLA_DEVICE'];
const open: typeof openOnTensorflow = (loop) =>
  openOnTensorflow(loop, { xla: device === undefined ? undefined : { device, hasTables: false } });

describe.skipIf(binding === undefined)('the corpus', () => {
  describeConformance('TensorFlow', open);
  describeTraining('TensorFlow', open);
});
