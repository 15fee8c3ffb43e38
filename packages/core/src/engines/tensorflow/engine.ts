import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoopDefinition, XlaOptions } from '@fedx/compiler';
import { translateCompileError } from '../../errors/index.js';
import { createWorkerPool, processWorkers, type WorkerPoolOptions } from '../../runtime/index.js';
import type { Engine } from '../engine.js';
import { tensorflowEnvironment } from './environment.js';
import type { TensorflowBinding } from './find-binding.js';
import { SIGNATURE_FILE, type Signature } from './session.js';

export interface TensorflowEngineOptions extends WorkerPoolOptions {
  readonly binding: TensorflowBinding;
  /** How XLA compiles all loops; default: dense ones for the processor, where the executor runs the others operation by operation. */
  readonly xla?: XlaOptions | undefined;
  /** Where the data files lie that programs map; programs are written beside them. */
  readonly directory: string;
  readonly writeFile: (path: string, content: Uint8Array | string) => Promise<void>;
}

const PROCESSOR: XlaOptions = { device: '/device:CPU:0', hasTables: true };

/** Loops as SavedModels on worker processes, by TensorFlow's C library: on the GPU where it sees one. */
export function createTensorflowEngine({
  binding,
  xla,
  directory,
  writeFile,
  ...pool
}: TensorflowEngineOptions): Engine {
  const start = processWorkers({
    arguments: [binding.addon],
    // Programs name the files that they map from here.
    directory,
    environment: tensorflowEnvironment(binding),
  });
  const workers = createWorkerPool({ start, ...pool });
  const folderOf = (id: string): string => join(directory, `${id}.savedmodel`);
  return {
    name: 'tensorflow',
    workers: pool.workers,
    async compile(loop: LoopDefinition) {
      const { isDense, simplifyLoop, toSavedModel, traceLoop } = await import('@fedx/compiler');
      const traced = translateCompileError(() => simplifyLoop(traceLoop(loop)));
      const { bytes, inputs, outputs } = translateCompileError(() =>
        toSavedModel(traced, { xla: xla ?? (isDense(traced.body) ? PROCESSOR : undefined) }),
      );
      const id = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
      const folder = folderOf(id);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, SIGNATURE_FILE), JSON.stringify({ inputs, outputs } satisfies Signature, null, 2));
      await writeFile(join(folder, 'saved_model.pb'), bytes);
      return { id, batchSize: loop.batchSize, draws: traced.draws };
    },
    run: (job) => workers.run(folderOf(job.program.id), job),
    memoryBytes: () => workers.memoryBytes(),
    close: () => workers.close(),
  };
}
