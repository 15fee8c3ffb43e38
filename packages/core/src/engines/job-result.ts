import { norm, pick, subtractInPlace } from '../parameters/index.js';
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
  const wanted = pick(end, result.names);
  const carried = result.asDifferences ? subtractInPlace(wanted, pick(start, result.names)) : wanted;
  return { carried, norm: norm(carried) };
}
