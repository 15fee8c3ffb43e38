import type { Parameters, Update, Updates } from '../contracts/index.js';
import { weightedMean } from '../parameters/index.js';

/** The updates of a round, in client order whatever the order in which they came. */
export function createUpdates(received: readonly Update[], weights: 'examples' | 'uniform'): Updates {
  const updates = received.toSorted((a, b) => a.client - b.client);
  const defaultWeight = (update: Update) => (weights === 'examples' ? update.examples : 1);
  return {
    length: updates.length,
    [Symbol.iterator]: () => updates[Symbol.iterator](),
    mean: (weight = defaultWeight) =>
      weightedMean(
        updates.map(({ delta }) => delta),
        updates.map(weight),
      ),
  };
}

/** Local minus global, written over `local`: what a client sent is nobody else's, and a round has many clients. */
export function takeDelta(local: Parameters, global: Parameters): Parameters {
  for (const [name, { data }] of Object.entries(local)) {
    const start = global[name]?.data ?? new Float32Array();
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) - (start[i] ?? 0);
  }
  return local;
}
