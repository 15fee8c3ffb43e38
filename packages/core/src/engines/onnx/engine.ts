import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { LoopDefinition } from '@fedx/compiler';
import { translateCompileError } from '../../errors/index.js';
import { createWorkerPool, type StartWorker, threadWorkers, type WorkerPoolOptions } from '../../runtime/index.js';
import type { Engine } from '../engine.js';

export interface OnnxEngineOptions extends WorkerPoolOptions {
  /** Where the data files lie that programs map; programs are written beside them. */
  readonly directory: string;
  readonly writeFile: (path: string, content: Uint8Array | string) => Promise<void>;
  /** Default: threads of this process. */
  readonly start?: StartWorker;
}

/** Loops as ONNX models on worker threads, by onnxruntime-node: the embedded default. */
export function createOnnxEngine({
  directory,
  writeFile,
  start = threadWorkers(),
  ...pool
}: OnnxEngineOptions): Engine {
  const workers = createWorkerPool({ start, ...pool });
  return {
    name: 'onnx',
    workers: pool.workers,
    async compile(loop: LoopDefinition) {
      const { optimise, toOnnx, traceLoop } = await import('@fedx/compiler');
      const { bytes, draws, isWhole, isSummed } = translateCompileError(() => {
        const optimised = optimise(traceLoop(loop));
        const { draws, deferred, isSummed } = optimised;
        return { bytes: toOnnx(optimised), draws, isWhole: deferred.length > 0, isSummed };
      });
      const id = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
      await writeFile(join(directory, `${id}.onnx`), bytes);
      return { id, batchSize: loop.batchSize, draws, isWhole, isSummed };
    },
    run: (job) => workers.run(join(directory, `${job.program.id}.onnx`), job),
    close: () => workers.close(),
  };
}
