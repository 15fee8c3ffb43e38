import type { TableSpec } from '@fedx/compiler';
import { createEagerEngine } from './eager/engine.js';
import type { Engine } from './engine.js';
import { createOnnxEngine, type OnnxEngineOptions } from './onnx/engine.js';

export { countSteps } from './batches.js';
export { evaluateEagerly } from './eager/evaluate.js';
export type { Engine } from './engine.js';
export { noiseTables } from './noise.js';

export interface EngineOptions extends OnnxEngineOptions {
  readonly readTable: (table: TableSpec) => Promise<Uint8Array>;
}

/** The engine that `engine: { use: auto }` means here. A static choice, never by timing: engines differ in their bits. */
export function chooseEngine(use: 'auto' | Engine['name']): Engine['name'] {
  return use === 'auto' ? 'onnx' : use;
}

export function createEngine(name: Engine['name'], options: EngineOptions): Engine {
  return name === 'eager' ? createEagerEngine(options) : createOnnxEngine(options);
}
