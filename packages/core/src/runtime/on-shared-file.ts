import type { ParameterTensor } from '../contracts/index.js';
import type { FiledJob, FiledOutcome, SentTensors, Writing } from './filed-jobs.js';
import type { OpenProgram } from './job.js';
import { createOwnMemory } from './own-memory.js';
import type { SharedFile } from './shared-file.js';

/**
 * Has the programs of a worker run jobs whose large tensors lie in a file, and write results to it. What several jobs look
 * at, such as the global parameters of a round, is read once; results are made in the same memory for every job. A run
 * throws FEDX_WORKER_FAILED where the file ends early.
 */
export function onSharedFile(file: SharedFile): (program: OpenProgram) => OpenProgram<FiledJob, FiledOutcome> {
  const copyOf = createOwnMemory<Writing>({
    isSame: (a, b) => a.version === b.version,
    copy: (from, to) => {
      file.read(from, to);
    },
  });
  const results = new Map<string, Float32Array>();

  const read = (kind: string, tensors: SentTensors): Record<string, ParameterTensor> =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [
        name,
        'at' in tensor ? { shape: tensor.shape, data: copyOf(`${kind}/${name}`, tensor.at) } : tensor,
      ]),
    );

  function resultOf(name: string, length: number): Float32Array {
    const before = results.get(name);
    if (before?.length === length) return before;
    const made = new Float32Array(length);
    results.set(name, made);
    return made;
  }

  return (program) => ({
    async run({ carried, constants, result, into, ...job }, stopped) {
      const memory: Record<string, Float32Array> = {};
      for (const [name, { length }] of Object.entries(into)) memory[name] = resultOf(name, length);
      const outcome = await program.run(
        {
          ...job,
          carried: read('carried', carried),
          constants: read('constant', constants),
          ...(result !== undefined && { result: { ...result, into: memory } }),
        },
        stopped,
      );
      if (outcome === undefined) return undefined;
      const written: Record<string, FiledOutcome['carried'][string]> = {};
      for (const [name, { shape, data }] of Object.entries(outcome.carried)) {
        const span = into[name];
        if (span === undefined) written[name] = { shape, data };
        // The next job writes to the same memory, maybe before this outcome is sent.
        else written[name] = file.write(span, data) ? { shape } : { shape, data: data.slice() };
      }
      return { ...outcome, carried: written };
    },
  });
}
