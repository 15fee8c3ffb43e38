import { describeConformance, describeTraining } from '../../testing/conformance.js';
import { openCompiled } from '../../testing/run-loop.js';

describeConformance('ONNX', openCompiled);
describeTraining('ONNX', openCompiled);
