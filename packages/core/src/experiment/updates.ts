import type { Update, Updates } from '../contracts/index.js';
import { weightedMean } from '../parameters/index.js';

/** The updates of a round, in client order whatever the order in which they came. `onLook`: somebody gets a single one. */
export function createUpdates<Report>(
  received: readonly Update<Report>[],
  weights: 'examples' | 'uniform',
  onLook?: () => void,
): Updates<Report> {
  const updates = received.toSorted((a, b) => a.client - b.client);
  const weightOf = (update: Update<Report>) => (weights === 'examples' ? update.examples : 1);
  return {
    length: updates.length,
    weightOf,
    [Symbol.iterator]() {
      onLook?.();
      return updates[Symbol.iterator]();
    },
    mean(pick, weight = weightOf) {
      if (pick !== undefined || weight !== weightOf) onLook?.();
      return weightedMean(updates.map(pick ?? (({ delta }) => delta)), updates.map(weight));
    },
  };
}

/** Bytes of all numbers in some plain data, four for each. */
export function floatBytes(data: unknown): number {
  if (data instanceof Float32Array) return data.byteLength;
  if (typeof data === 'number') return Float32Array.BYTES_PER_ELEMENT;
  if (typeof data !== 'object' || data === null) return 0;
  if (isTensor(data)) return data.data.byteLength;
  return Object.values(data).reduce((sum: number, part) => sum + floatBytes(part), 0);
}

/** A tensor's shape is known on both sides. */
function isTensor(value: object): value is { readonly data: Float32Array } {
  return 'data' in value && value.data instanceof Float32Array;
}
