import type { Parameters } from '../contracts/index.js';
import type { OpenProgram } from './job.js';

/** An array of shared memory, and what it held. */
interface Copy {
  readonly source: Float32Array;
  readonly own: Float32Array;
}

/**
 * Runs jobs on copies of what they look at in shared memory, which onnxruntime-node does not take. A job's copies take the
 * place of those of the job before, and are the same ones where both came in one message with the same array: nobody writes
 * to it before the message is answered.
 */
export function onOwnMemory(program: OpenProgram): OpenProgram {
  const copies = new Map<string, Copy>();

  function copyOf(name: string, source: Float32Array): Float32Array {
    const before = copies.get(name);
    if (before?.source === source) return before.own;
    const own = before?.own.length === source.length ? before.own : new Float32Array(source.length);
    own.set(source);
    copies.set(name, { source, own });
    return own;
  }

  const owned = (kind: string, values: Parameters): Parameters =>
    Object.fromEntries(
      Object.entries(values).map(([name, tensor]) => {
        const { shape, data } = tensor;
        if (!(data.buffer instanceof SharedArrayBuffer)) return [name, tensor];
        return [name, { shape, data: copyOf(`${kind}/${name}`, data) }];
      }),
    );

  return {
    run: (job, stopped) =>
      program.run(
        { ...job, carried: owned('carried', job.carried), constants: owned('constant', job.constants) },
        stopped,
      ),
  };
}
