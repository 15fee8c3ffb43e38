export { exportRun, isModelFormat, type ModelFormat } from './export-run.js';
export { toOnnxModel } from './onnx.js';
export { bytesOfData, loadData, type SavedData, saveData, whyUnsavable } from './plain-data.js';
export { fromSafetensors, toSafetensors } from './safetensors.js';
