import type { LoopDefinition } from '@fedx/compiler';
import type { Job, Outcome, Program } from '../runtime/index.js';

/** Compiles loops and runs jobs. Equal jobs give equal bits, whatever runs beside them. */
export interface Engine {
  readonly name: 'onnx' | 'tensorflow' | 'eager';
  readonly workers: number;
  /** Throws FEDX_COMPILE_…. */
  compile(loop: LoopDefinition): Promise<Program>;
  /** Rejects with FEDX_RUN_INTERRUPTED once `signal` is aborted. */
  run(job: Job): Promise<Outcome>;
  /** Resident memory of the processes that it runs on beside this one; absent where it needs none. */
  memoryBytes?(): number;
  close(): Promise<void>;
}
