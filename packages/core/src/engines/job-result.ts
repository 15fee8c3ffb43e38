import type { Parameters, ParameterTensor } from '../contracts/index.js';
import { norm } from '../parameters/index.js';
import type { Job, Outcome } from '../runtime/index.js';

/**
 * What a job gives of the values that it carried to its end, in memory of its own. Done where the job ran: the thread that
 * all clients come back to would otherwise take longer over them than a small client's training does.
 */
export function jobResult(
  { carried: start, result }: Pick<Job, 'carried' | 'result'>,
  end: Parameters,
): Pick<Outcome, 'carried' | 'norm'> {
  const { names, asDifferences, into } = result ?? { names: Object.keys(end), asDifferences: false };
  const carried: Record<string, ParameterTensor> = {};
  let squares = 0;
  for (const name of names) {
    const tensor = end[name];
    if (tensor === undefined) continue;
    const { shape, data } = tensor;
    const out = into?.[name] ?? new Float32Array(data.length);
    if (asDifferences) squares += writeDifference(out, data, start[name]?.data ?? new Float32Array(data.length));
    else out.set(data);
    carried[name] = { shape, data: out };
  }
  return { carried, norm: asDifferences ? Math.sqrt(squares) : norm(carried) };
}

/** Writes `end - start`, and gives the sum of its squares: memory is slower than the arithmetic, and is gone through once. */
function writeDifference(out: Float32Array, end: Float32Array, start: Float32Array): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < out.length; i += 4) {
    const d0 = Math.fround((end[i] ?? 0) - (start[i] ?? 0));
    const d1 = Math.fround((end[i + 1] ?? 0) - (start[i + 1] ?? 0));
    const d2 = Math.fround((end[i + 2] ?? 0) - (start[i + 2] ?? 0));
    const d3 = Math.fround((end[i + 3] ?? 0) - (start[i + 3] ?? 0));
    out[i] = d0;
    out[i + 1] = d1;
    out[i + 2] = d2;
    out[i + 3] = d3;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; i < out.length; i++) {
    const difference = Math.fround((end[i] ?? 0) - (start[i] ?? 0));
    out[i] = difference;
    s0 += difference * difference;
  }
  return s0 + s1 + (s2 + s3);
}
