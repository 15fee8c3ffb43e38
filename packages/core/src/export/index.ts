export { exportRun, isModelFormat, type ModelFormat } from './export-run.js';
export { toOnnxModel } from './onnx.js';
export { fromSafetensors, toSafetensors } from './safetensors.js';
