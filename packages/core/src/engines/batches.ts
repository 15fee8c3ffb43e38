import { randomFromKey } from '../random/index.js';
import type { Schedule } from '../runtime/index.js';
import { type StepKeys, stepKeys } from './noise.js';

/** All batches of a schedule: `rows` and `weights` are `[steps, batchSize]`. */
export interface Batches {
  readonly steps: number;
  readonly rows: Int32Array;
  /** Share of an example in its batch's mean: each step's sum is 1; 0 for a row that only fills a short batch up. */
  readonly weights: Float32Array;
  /** Examples seen, each time counted. */
  readonly examples: number;
}

/** The steps of a job, one schedule's after the other's. */
export interface JobLayout extends Batches {
  readonly parts: readonly JobPart[];
}

/** The steps of one schedule. */
export interface JobPart {
  /** The number of its first step among all. */
  readonly first: number;
  readonly steps: number;
  readonly examples: number;
  readonly keysOf: StepKeys;
}

/** Steps of an epoch over `examples`. */
export function countSteps(examples: number, batchSize: number, lastBatch: Schedule['lastBatch']): number {
  const full = Math.floor(examples / batchSize);
  return lastBatch === 'drop' && full > 0 ? full : Math.ceil(examples / batchSize);
}

/**
 * Lays out the epochs of `schedule` in batches, up to its last step. Fewer examples than a batch make one short batch, `drop`
 * or not. A short batch is filled up with its own rows, over and over: what a model takes of all rows of a batch, as
 * batch normalisation does, is then what it is of the examples, or near it where they do not go evenly into the batch.
 */
export function layOutBatches(
  { rows, epochs, lastBatch, shuffleKey, steps: limit = Infinity }: Schedule,
  batchSize: number,
): Batches {
  const stepsPerEpoch = countSteps(rows.length, batchSize, lastBatch);
  const used = Math.min(rows.length, stepsPerEpoch * batchSize);
  const steps = stepsPerEpoch * epochs;
  const laidOut = new Int32Array(steps * batchSize);
  const weights = new Float32Array(steps * batchSize);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffleKey === undefined ? rows : randomFromKey(shuffleKey).at(epoch).shuffle(rows.slice());
    const start = epoch * stepsPerEpoch * batchSize;
    laidOut.set(order.subarray(0, used), start);
    const size = used % batchSize;
    const short = start + used - size;
    weights.fill(1 / batchSize, start, short);
    if (size === 0) continue;
    weights.fill(1 / size, short, short + size);
    for (let i = size; i < batchSize; i++) laidOut[short + i] = laidOut[short + i - size] ?? 0;
  }
  const taken = Math.min(steps, limit);
  const end = taken * batchSize;
  const wholeEpochs = taken === 0 ? 0 : Math.floor(taken / stepsPerEpoch);
  const examples = wholeEpochs * used + (taken - wholeEpochs * stepsPerEpoch) * batchSize;
  return { steps: taken, rows: laidOut.subarray(0, end), weights: weights.subarray(0, end), examples };
}

/** Lays out all schedules of a job. */
export function layOutJob(schedules: readonly Schedule[], batchSize: number): JobLayout {
  let [steps, examples] = [0, 0];
  const laidOut = schedules.map((schedule): Batches & { readonly part: JobPart } => {
    const batches = layOutBatches(schedule, batchSize);
    const first = steps;
    steps += batches.steps;
    examples += batches.examples;
    return {
      ...batches,
      part: { first, steps: batches.steps, examples: batches.examples, keysOf: stepKeys(schedule) },
    };
  });
  const parts = laidOut.map(({ part }) => part);
  const [only, ...others] = laidOut;
  if (only !== undefined && others.length === 0)
    return { steps, rows: only.rows, weights: only.weights, examples, parts };
  const [rows, weights] = [new Int32Array(steps * batchSize), new Float32Array(steps * batchSize)];
  for (const { part, ...batches } of laidOut) {
    rows.set(batches.rows, part.first * batchSize);
    weights.set(batches.weights, part.first * batchSize);
  }
  return { steps, rows, weights, examples, parts };
}
