/** Traces a tfjs function under tfjs's own autodiff and lowers it to a native training loop. Knows nothing of federated learning. */
export { CompileError } from './compile-error.js';
export { type ForwardDefinition, type ForwardTrace, traceForward } from './forward.js';
export { type Graph, print, topologicalOrder, type Value } from './ir/index.js';
export {
  type LoopDefinition,
  type StepCall,
  type TableSpec,
  type TensorSpec,
  type TracedLoop,
  traceLoop,
} from './loop.js';

export type { Noise } from './noise.js';
export { forwardToOnnx } from './onnx/forward-model.js';
export { toOnnx } from './onnx/loop-model.js';
export { type OnnxSignature, type OnnxTensor, readOnnxSignature } from './onnx/signature.js';
export { type OptimisedLoop, optimise, simplifyLoop } from './passes/index.js';
export { createRecurrence, eagerScan, type Recurrence, type RecurrenceCall, type RecurrentStep } from './recurrence.js';
export { forwardToSavedModel, forwardToTfjs, type TfjsGraphModel } from './saved-model/forward-model.js';
export { isDense } from './saved-model/is-dense.js';
export { type SavedModel, STEP_COUNT, toSavedModel, type XlaOptions } from './saved-model/loop-model.js';
export { tf } from './tfjs.js';
export { registerGradients } from './trace/index.js';
