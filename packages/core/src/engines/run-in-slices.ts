import type { Parameters } from '../contracts/index.js';
import type { Job, OpenProgram } from '../runtime/index.js';
import { layOutBatches } from './batches.js';
import { jobResult } from './job-result.js';
import { type StepKeys, stepKeys } from './noise.js';

/** A native call cannot be interrupted: this is how long one should last. */
const CALL_MILLISECONDS = 100;
const FIRST_CALL_STEPS = 16;

/** A tensor with a first axis of steps; int32 or float32, as its values are. */
export interface SliceInput {
  readonly shape: readonly number[];
  readonly data: Int32Array | Float32Array;
}

/** How a runtime runs slices. `State` is what a job has reached, in the runtime's own tensors. */
export interface SliceRunner<State> {
  /** `steps`: how many steps the job has. */
  begin(job: Omit<Job, 'priority'>, steps: number): State;
  /**
   * One native call over some consecutive steps. `inputs` are what differs from step to step, by the names of the
   * program's inputs; `stacked` is `[steps, …]`.
   */
  run(
    state: State,
    inputs: Readonly<Record<string, SliceInput>>,
  ): Promise<{ readonly state: State; readonly stacked: Readonly<Record<string, Float32Array | Int32Array>> }>;
  /** The carried values, in memory that later calls may write over. */
  read(state: State): Parameters;
  /** Frees what the state holds. */
  release(state: State): void;
}

/**
 * Runs jobs in slices of about {@link CALL_MILLISECONDS}; slices carry all state, so where they are cut changes no bits.
 * A run gives undefined where `stopped` said so between two slices.
 */
export function runInSlices<State>(runner: SliceRunner<State>): OpenProgram {
  /** Steps that fill a call, learnt from the call before. */
  let stepsPerCall = FIRST_CALL_STEPS;
  return {
    async run(job, stopped) {
      const { batchSize, draws, isWhole = false } = job.program;
      const keysOf = stepKeys(job.schedule);
      const { steps, rows, weights } = layOutBatches(job.schedule, batchSize);
      const stacked = new Map<string, (Float32Array | Int32Array)[]>();
      let state = runner.begin(job, steps);
      try {
        for (let done = 0; done < steps; ) {
          if (stopped()) return undefined;
          const count = isWhole ? steps : Math.min(stepsPerCall, steps - done);
          const span = [done * batchSize, (done + count) * batchSize] as const;
          const perStep = Object.entries(job.perStep ?? {}).map(([name, values]) => [
            `per-step/${name}`,
            { shape: [count], data: values.slice(done, done + count) },
          ]);
          const inputs = {
            rows: { shape: [count, batchSize], data: rows.slice(...span) },
            weights: { shape: [count, batchSize], data: weights.slice(...span) },
            'step-numbers': { shape: [count], data: Float32Array.from({ length: count }, (_, i) => done + i) },
            ...(draws === 0 ? {} : { keys: keysOfSlice(keysOf, done, count, draws) }),
            ...(Object.fromEntries(perStep) as Record<string, SliceInput>),
          };
          const before = performance.now();
          const result = await runner.run(state, inputs);
          const took = Math.max(performance.now() - before, 0.001);
          stepsPerCall = Math.max(1, Math.floor((count * CALL_MILLISECONDS) / took));
          state = result.state;
          for (const [name, values] of Object.entries(result.stacked)) append(stacked, name, values);
          done += count;
        }
        return {
          steps,
          ...jobResult(job, runner.read(state)),
          stacked: Object.fromEntries([...stacked].map(([name, parts]) => [name, withoutFill(parts, weights)])),
        };
      } finally {
        runner.release(state);
      }
    },
  };
}

function keysOfSlice(keysOf: StepKeys, first: number, count: number, draws: number): SliceInput {
  const data = new Int32Array(count * 2 * draws);
  for (let i = 0; i < count; i++) data.set(keysOf(first + i, draws), i * 2 * draws);
  return { shape: [count, 2 * draws], data };
}

function append<Item>(lists: Map<string, Item[]>, name: string, item: Item): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

/** The parts in one array, `[rows, …]`, less the entries of rows that only filled a batch. */
function withoutFill(parts: readonly (Float32Array | Int32Array)[], weights: Float32Array): Float32Array | Int32Array {
  const length = parts.reduce((total, part) => total + part.length, 0);
  const all = parts[0] instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  const width = length / weights.length;
  let [row, kept] = [0, 0];
  for (const part of parts) {
    for (let i = 0; i < part.length; i += width, row++) {
      if (weights[row] === 0) continue;
      for (let entry = i; entry < i + width; entry++) all[kept++] = part[entry] ?? 0;
    }
  }
  return kept === all.length ? all : all.slice(0, kept);
}
