import { countSteps } from '../../engines/index.js';
import type { ClientSpec } from '../../spec/index.js';

/** What a client does in a round: whole passes over its examples, or so many steps however many examples it has. */
export interface LocalWork {
  readonly unit: 'epochs' | 'steps';
  /** Epochs, or steps. */
  readonly amount: number;
  /** Share of the local steps that this makes, in (0, 1]; at least one step is taken. */
  readonly share: number;
}

/** One pass over the examples. */
export const oneEpoch: LocalWork = { unit: 'epochs', amount: 1, share: 1 };

/** All that the spec asks of a client in a round. */
export function localWork({ epochs = 1, steps }: ClientSpec): LocalWork {
  return steps === undefined
    ? { unit: 'epochs', amount: epochs, share: 1 }
    : { unit: 'steps', amount: steps, share: 1 };
}

/** Local steps of `work` where an epoch has `stepsPerEpoch`. */
export function stepsOfWork({ unit, amount, share }: LocalWork, stepsPerEpoch: number): number {
  return Math.max(1, Math.ceil(share * (unit === 'epochs' ? amount * stepsPerEpoch : amount)));
}

/** Steps of one epoch over `size` examples. */
export function stepsPerEpoch({ batchSize, lastBatch }: ClientSpec, size: number): number {
  return batchSize === 'all' ? 1 : countSteps(size, batchSize, lastBatch);
}
