import type { Parameters } from '../contracts/index.js';
import type { Job, OpenProgram, ScheduleEnd } from '../runtime/index.js';
import { type JobLayout, layOutJob } from './batches.js';
import { jobResult } from './job-result.js';

/** A native call cannot be interrupted: this is how long one should last. */
const CALL_MILLISECONDS = 100;
const FIRST_CALL_STEPS = 16;

/** A tensor with a first axis of steps or of schedules; int32 or float32, as its values are. */
export interface SliceInput {
  readonly shape: readonly number[];
  readonly data: Int32Array | Float32Array;
}

/** What a native call gives. */
export interface SliceResult<State> {
  readonly state: State;
  /** `[steps, …]`. */
  readonly stacked: Readonly<Record<string, Float32Array | Int32Array>>;
  /** Of a program that sums: of each schedule the sum of the squares of what came to the carried values. */
  readonly squares?: Float32Array | undefined;
}

/** How a runtime runs slices. `State` is what a job has reached, in the runtime's own tensors. */
export interface SliceRunner<State> {
  /** `steps`: how many steps the job has. */
  begin(job: Omit<Job, 'priority'>, steps: number): State;
  /** One native call over some consecutive steps. `inputs` are what differs from step to step, by the names of the program's inputs. */
  run(state: State, inputs: Readonly<Record<string, SliceInput>>): Promise<SliceResult<State>>;
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
      const layout = layOutJob(job.schedules, job.program.batchSize);
      const { steps } = layout;
      const stacked = new Map<string, (Float32Array | Int32Array)[]>();
      let squares: SliceResult<State>['squares'];
      let state = runner.begin(job, steps);
      try {
        for (let done = 0; done < steps; ) {
          if (stopped()) return undefined;
          const count = job.program.isWhole === true ? steps : Math.min(stepsPerCall, steps - done);
          const before = performance.now();
          const result = await runner.run(state, inputsOf(job, layout, done, count));
          const took = Math.max(performance.now() - before, 0.001);
          stepsPerCall = Math.max(1, Math.floor((count * CALL_MILLISECONDS) / took));
          ({ state, squares } = result);
          for (const [name, values] of Object.entries(result.stacked)) append(stacked, name, values);
          done += count;
        }
        const { carried, norm } = jobResult(job, runner.read(state));
        return {
          carried,
          stacked: Object.fromEntries([...stacked].map(([name, parts]) => [name, withoutFill(parts, layout)])),
          ends: layout.parts.map(({ steps, examples }, i): ScheduleEnd => {
            const square = squares?.[i];
            return { steps, examples, norm: square === undefined ? norm() : Math.sqrt(square) };
          }),
        };
      } finally {
        runner.release(state);
      }
    },
  };
}

/** What differs from step to step in `count` of them from `first` on, and from schedule to schedule. */
function inputsOf(
  { program: { batchSize, draws, isSummed = false }, perStep = {}, shares = [] }: Omit<Job, 'priority'>,
  { rows, weights, parts }: JobLayout,
  first: number,
  count: number,
): Readonly<Record<string, SliceInput>> {
  const span = [first * batchSize, (first + count) * batchSize] as const;
  const numbers = new Float32Array(count);
  const keys = new Int32Array(count * 2 * draws);
  for (const part of parts) {
    const end = Math.min(part.first + part.steps, first + count);
    for (let step = Math.max(part.first, first); step < end; step++) {
      const [place, number] = [step - first, step - part.first];
      numbers[place] = number;
      if (draws > 0) keys.set(part.keysOf(number, draws), place * 2 * draws);
    }
  }
  const scalars = Object.entries(perStep).map(([name, values]) => [
    `per-step/${name}`,
    { shape: [count], data: values.slice(first, first + count) },
  ]);
  return {
    rows: { shape: [count, batchSize], data: rows.slice(...span) },
    weights: { shape: [count, batchSize], data: weights.slice(...span) },
    'step-numbers': { shape: [count], data: numbers },
    ...(draws > 0 && { keys: { shape: [count, 2 * draws], data: keys } }),
    ...(Object.fromEntries(scalars) as Record<string, SliceInput>),
    ...(isSummed && {
      'job-steps': { shape: [parts.length], data: Int32Array.from(parts, ({ steps }) => steps) },
      shares: { shape: [parts.length], data: Float32Array.from(shares) },
    }),
  };
}

function append<Item>(lists: Map<string, Item[]>, name: string, item: Item): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

/** The parts in one array, `[rows, …]`, less the entries of rows that only filled a batch. */
function withoutFill(
  parts: readonly (Float32Array | Int32Array)[],
  { weights, examples }: JobLayout,
): Float32Array | Int32Array {
  const length = parts.reduce((total, part) => total + part.length, 0);
  const width = length / weights.length;
  const all = parts[0] instanceof Int32Array ? new Int32Array(examples * width) : new Float32Array(examples * width);
  let [row, kept] = [0, 0];
  for (const part of parts) {
    if (examples === weights.length) {
      all.set(part, kept);
      kept += part.length;
      continue;
    }
    for (let i = 0; i < part.length; i += width, row++) {
      if (weights[row] === 0) continue;
      for (let entry = i; entry < i + width; entry++) all[kept++] = part[entry] ?? 0;
    }
  }
  return all;
}
