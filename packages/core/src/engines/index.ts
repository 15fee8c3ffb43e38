import type { TableSpec } from '@fedx/compiler';
import type { ChosenEngine } from './choose-engine.js';
import { createEagerEngine } from './eager/engine.js';
import type { Engine } from './engine.js';
import { createOnnxEngine, type OnnxEngineOptions } from './onnx/engine.js';
import { createTensorflowEngine } from './tensorflow/engine.js';
import { xlaOf } from './tensorflow/probe.js';

export { countSteps } from './batches.js';
export { type ChosenEngine, chooseEngine, describeTensorflow, type Work } from './choose-engine.js';
export { diagnoseEngines, type EngineDiagnosis, type EnginesDiagnosis } from './diagnose-engines.js';
export { evaluateEagerly } from './eager/evaluate.js';
export type { Engine } from './engine.js';
export { sharedNoise } from './noise.js';
export { adoptBinding, type BuiltBinding, checkBinding } from './tensorflow/built-binding.js';
export { bindingsFolder } from './tensorflow/find-binding.js';

export interface EngineOptions extends OnnxEngineOptions {
  readonly readTable: (table: TableSpec) => Promise<Uint8Array>;
}

export function createEngine(chosen: ChosenEngine, options: EngineOptions): Engine {
  switch (chosen.name) {
    case 'eager':
      return createEagerEngine(options);
    case 'onnx':
      return createOnnxEngine(options);
    case 'tensorflow':
      return createTensorflowEngine({ ...options, binding: chosen.binding, xla: xlaOf(chosen.description) });
  }
}
