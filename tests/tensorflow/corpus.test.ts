import { describe } from 'vitest';
import { describeConformance, describeTraining } from '../../packages/compiler/testing/conformance.js';
import { binding, openOnTensorflow } from './run-on-tensorflow.js';

describe.skipIf(binding === undefined)('the corpus', () => {
  describeConformance('TensorFlow', openOnTensorflow);
  describeTraining('TensorFlow', openOnTensorflow);
});
