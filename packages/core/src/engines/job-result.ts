import type { Parameters, ParameterTensor } from '../contracts/index.js';
import { norm, writeDifferences } from '../parameters/index.js';
import type { Job, Outcome } from '../runtime/index.js';

/**
 * What a job gives of the values that it carried to its end, in memory of its own. Done where the job ran: the thread that
 * all clients come back to would otherwise take longer over them than a small client's training does.
 */
export function jobResult(
  { carried: start, result }: Pick<Job, 'carried' | 'result'>,
  end: Parameters,
): Pick<Outcome, 'carried'> & { /** Euclidean norm of `carried`. */ readonly norm: () => number } {
  const { names, asDifferences, into } = result ?? { names: Object.keys(end), asDifferences: false };
  const carried: Record<string, ParameterTensor> = {};
  let squares = 0;
  for (const name of names) {
    const tensor = end[name];
    if (tensor === undefined) continue;
    const { shape, data } = tensor;
    const out = into?.[name] ?? new Float32Array(data.length);
    if (asDifferences) squares += writeDifferences(out, data, start[name]?.data ?? new Float32Array(data.length));
    else out.set(data);
    carried[name] = { shape, data: out };
  }
  return { carried, norm: () => (asDifferences ? Math.sqrt(squares) : norm(carried)) };
}
