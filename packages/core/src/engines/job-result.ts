import type { Parameters } from '../contracts/index.js';
import { norm, pick } from '../parameters/index.js';
import type { Job, Outcome } from '../runtime/index.js';

/**
 * What a job gives of the values that it carried to its end. Done where the job ran: the thread that all clients come
 * back to would otherwise take longer over them than a small client's training does.
 */
export function jobResult(
  { carried: start, result }: Pick<Job, 'carried' | 'result'>,
  end: Outcome['carried'],
): Pick<Outcome, 'carried' | 'norm'> {
  if (result === undefined) return { carried: end };
  const carried = pick(end, result.names);
  if (result.asDifferences) subtractFrom(carried, start);
  return { carried, norm: norm(carried) };
}

/** Writes over the values: memory that is new takes longer than the arithmetic. */
function subtractFrom(end: Parameters, start: Parameters): void {
  for (const [name, { data }] of Object.entries(end)) {
    const before = start[name]?.data ?? new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) - (before[i] ?? 0);
  }
}
