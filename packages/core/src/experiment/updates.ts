import type { Update, Updates } from '../contracts/index.js';
import { weightedMean } from '../parameters/index.js';

/**
 * The updates of a round, in client order whatever the order in which they came. `toKeep` makes those of them that somebody
 * may keep who gets single ones; default: the same ones.
 */
export function createUpdates<Report>(
  received: readonly Update<Report>[],
  weights: 'examples' | 'uniform',
  toKeep: (updates: readonly Update<Report>[]) => readonly Update<Report>[] = (updates) => updates,
): Updates<Report> {
  const updates = received.toSorted((a, b) => a.client - b.client);
  let kept: readonly Update<Report>[] | undefined;
  const single = (): readonly Update<Report>[] => {
    kept ??= toKeep(updates);
    return kept;
  };
  const weightOf = (update: Update<Report>) => (weights === 'examples' ? update.examples : 1);
  return {
    length: updates.length,
    weightOf,
    [Symbol.iterator]: () => single()[Symbol.iterator](),
    mean(pick, weight = weightOf) {
      const chosen = pick === undefined && weight === weightOf ? updates : single();
      return weightedMean(chosen.map(pick ?? (({ delta }) => delta)), chosen.map(weight));
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
