export { toOnnxModel } from './onnx.js';
export { fromSafetensors, toSafetensors } from './safetensors.js';
