import type { Update, Updates } from '../contracts/index.js';
import { weightedMean } from '../parameters/index.js';

/** The updates of a round, in client order whatever the order in which they came. */
export function createUpdates(received: readonly Update[], weights: 'examples' | 'uniform'): Updates {
  const updates = received.toSorted((a, b) => a.client - b.client);
  const defaultWeight = (update: Update) => (weights === 'examples' ? update.examples : 1);
  return {
    length: updates.length,
    [Symbol.iterator]: () => updates[Symbol.iterator](),
    mean: (weight = defaultWeight) => weightedMean(updates.map(({ delta }) => delta), updates.map(weight)),
  };
}
