import type { Parameters } from '../contracts/index.js';
import type { OpenProgram } from './job.js';

/** How a worker copies what it looks at in memory that others write to. */
export interface OwnMemory<Source> {
  /** Whether both are the same values. */
  isSame(a: Source, b: Source): boolean;
  copy(from: Source, to: Float32Array): void;
}

/**
 * Gives copies of what a worker's jobs look at, by what a job calls it. A job's copies take the place of those of the job
 * before, and are the same ones where both look at the same values.
 */
export function createOwnMemory<Source extends { readonly length: number }>({
  isSame,
  copy,
}: OwnMemory<Source>): (name: string, source: Source) => Float32Array {
  const copies = new Map<string, { readonly source: Source; readonly own: Float32Array }>();
  return (name, source) => {
    const before = copies.get(name);
    if (before !== undefined && isSame(before.source, source)) return before.own;
    // What cannot be copied leaves nothing behind that is taken for it.
    copies.delete(name);
    const own = before?.own.length === source.length ? before.own : new Float32Array(source.length);
    copy(source, own);
    copies.set(name, { source, own });
    return own;
  };
}

/**
 * Runs jobs on copies of what they look at in shared memory, which onnxruntime-node does not take. Jobs that came in one
 * message with the same array look at the same one: nobody writes to it before the message is answered.
 */
export function onOwnMemory(program: OpenProgram): OpenProgram {
  const copyOf = createOwnMemory<Float32Array>({
    isSame: (a, b) => a === b,
    copy: (from, to) => {
      to.set(from);
    },
  });

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
