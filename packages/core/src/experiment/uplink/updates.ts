import type { Parameters, Strategy, Update, Updates } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { runningMean, weightedMean } from '../../parameters/index.js';

/** What updates weigh by default. */
export type Weights = NonNullable<Strategy['weights']>;

/** The updates of a round, in client order whatever the order in which they came. */
export function createUpdates<Report>(received: readonly Update<Report>[], weights: Weights): Updates<Report> {
  const updates = received.toSorted((a, b) => a.client - b.client);
  const weightOf = (update: Update<Report>) => weightIn(weights, update);
  return {
    length: updates.length,
    weightOf,
    [Symbol.iterator]: () => updates[Symbol.iterator](),
    mean: (pick = ({ delta }) => delta, weight = weightOf) => weightedMean(updates.map(pick), updates.map(weight)),
  };
}

/** `length` updates as a strategy sees them that says that it reads their mean alone; `mean` gives it anew each time. */
export function onlyMean(length: number, weights: Weights, mean: () => Parameters): Updates {
  const weightOf = (update: Update) => weightIn(weights, update);
  const refuse = (): never => {
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      'The strategy looks at single updates, but says that it reads their mean.',
      {
        hint: "Leave out `reads: 'mean'`, or use `updates.mean()` without arguments and `updates.length` alone.",
      },
    );
  };
  return {
    length,
    weightOf,
    [Symbol.iterator]: refuse,
    mean: (pick, weight = weightOf) => (pick === undefined && weight === weightOf ? mean() : refuse()),
  };
}

/** What an update weighs by default. */
export function weightIn(weights: Weights, { examples }: Pick<Update, 'examples'>): number {
  return weights === 'examples' ? examples : 1;
}

/** A weighted mean that is added up in its own order, while what comes later in it may arrive earlier. */
export interface MeanOfArrivals {
  /** `place` in the order. */
  arrive(place: number, item: Parameters): void;
  /** Undefined where not all came. */
  mean(): Parameters | undefined;
}

/** Throws FEDX_PLUGIN_FAILED where the weights have no positive sum. */
export function meanOfArrivals(weights: readonly number[]): MeanOfArrivals {
  const mean = runningMean(weights);
  const early = new Map<number, Parameters>();
  let next = 0;
  return {
    arrive(place, item) {
      early.set(place, item);
      for (let due = early.get(next); due !== undefined; due = early.get(next)) {
        early.delete(next);
        mean.add(due);
        next += 1;
      }
    },
    mean: () => (next === weights.length ? mean.result() : undefined),
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
