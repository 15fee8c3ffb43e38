import type { Update, Updates } from '../contracts/index.js';
import { clone, type RunningMean, runningMean, weightedMean } from '../parameters/index.js';

/**
 * The updates of a round, in client order whatever the order in which they came. `toKeep` makes those of them that somebody
 * may keep who gets single ones; default: the same ones. `added` has the mean of all by their weights; absent: it is to be computed.
 */
export function createUpdates<Report>(
  received: readonly Update<Report>[],
  weights: 'examples' | 'uniform',
  toKeep: (updates: readonly Update<Report>[]) => readonly Update<Report>[] = (updates) => updates,
  added?: RunningMean,
): Updates<Report> {
  const updates = received.toSorted((a, b) => a.client - b.client);
  let kept: readonly Update<Report>[] | undefined;
  const single = (): readonly Update<Report>[] => {
    kept ??= toKeep(updates);
    return kept;
  };
  const weightOf = (update: Update<Report>) => weightIn(weights, update);
  return {
    length: updates.length,
    weightOf,
    [Symbol.iterator]: () => single()[Symbol.iterator](),
    mean(pick, weight = weightOf) {
      const isPlain = pick === undefined && weight === weightOf;
      if (isPlain && added !== undefined) return clone(added.result());
      const chosen = isPlain ? updates : single();
      return weightedMean(chosen.map(pick ?? (({ delta }) => delta)), chosen.map(weight));
    },
  };
}

/** What an update weighs by default. */
function weightIn(weights: 'examples' | 'uniform', { examples }: Pick<Update, 'examples'>): number {
  return weights === 'examples' ? examples : 1;
}

/** The mean of a round's updates, added up in client order while others are still to come. */
export interface MeanOfArrivals {
  arrive(update: Update): void;
  /** Undefined where not all came that were awaited. */
  mean(): RunningMean | undefined;
}

/** `awaited` are the clients whose updates are to come. */
export function meanOfArrivals(
  awaited: readonly Pick<Update, 'client' | 'examples'>[],
  weights: 'examples' | 'uniform',
): MeanOfArrivals {
  const order = awaited.toSorted((a, b) => a.client - b.client);
  const mean = runningMean(order.map((each) => weightIn(weights, each)));
  const early = new Map<number, Update>();
  let next = 0;
  return {
    arrive(update) {
      early.set(update.client, update);
      for (;;) {
        const due = early.get(order[next]?.client ?? -1);
        if (due === undefined) return;
        early.delete(due.client);
        mean.add(due.delta);
        next += 1;
      }
    },
    mean: () => (next === order.length ? mean : undefined),
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
