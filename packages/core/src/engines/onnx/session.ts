import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ParameterTensor } from '../../contracts/index.js';
import type { Job, Outcome } from '../../runtime/index.js';
import { layOutBatches } from '../batches.js';
import { type StepKeys, stepKeys } from '../noise.js';

/** A native call cannot be interrupted: this is how long one should last. */
const CALL_MILLISECONDS = 100;
const FIRST_CALL_STEPS = 16;

/** A program that is open in this thread. */
export interface Session {
  readonly inference: InferenceSession;
  /** Steps that fill a call, learnt from the call before. */
  stepsPerCall: number;
}

const OUTPUT = 'out/';

/** Opens a compiled program. One thread a session: parallelism is between jobs, where it changes no bits. */
export async function openSession(path: string): Promise<Session> {
  const inference = await InferenceSession.create(path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  });
  return { inference, stepsPerCall: FIRST_CALL_STEPS };
}

/**
 * Runs a job in slices of about {@link CALL_MILLISECONDS}; slices carry all state, so where they are cut changes no
 * bits. Returns undefined where `stopped` said so between two slices.
 */
export async function runJob(
  session: Session,
  job: Omit<Job, 'priority'>,
  stopped: () => boolean,
): Promise<Outcome | undefined> {
  const { batchSize, draws } = job.program;
  const keysOf = stepKeys(job.schedule);
  const { steps, rows, weights } = layOutBatches(job.schedule, batchSize);
  const constants = Object.entries(job.constants).map(
    ([name, tensor]) => [`constant/${name}`, toTensor(tensor)] as const,
  );
  let carried = Object.entries(job.carried).map(([name, tensor]) => [`carried/${name}`, toTensor(tensor)] as const);
  const perStep = Object.entries(job.perStep ?? {}).map(([name, values]) => [`per-step/${name}`, values] as const);
  const stacked = new Map<string, (Float32Array | Int32Array)[]>();

  for (let done = 0; done < steps; ) {
    if (stopped()) return undefined;
    const count = Math.min(session.stepsPerCall, steps - done);
    const slice = [done * batchSize, (done + count) * batchSize] as const;
    const before = performance.now();
    const results = await session.inference.run(
      Object.fromEntries([
        ['rows', new Tensor('int32', rows.slice(...slice), [count, batchSize])],
        ['weights', new Tensor('float32', weights.slice(...slice), [count, batchSize])],
        [
          'step-numbers',
          new Tensor(
            'float32',
            Float32Array.from({ length: count }, (_, i) => done + i),
            [count],
          ),
        ],
        ...perStep.map(
          ([name, values]) => [name, new Tensor('float32', values.slice(done, done + count), [count])] as const,
        ),
        ...(draws === 0 ? [] : [['keys', keysTensor(keysOf, done, count, draws)] as const]),
        ...carried,
        ...constants,
      ]),
    );
    session.stepsPerCall = Math.max(
      1,
      Math.floor((count * CALL_MILLISECONDS) / Math.max(performance.now() - before, 0.001)),
    );
    carried = carried.map(([name, previous]) => [name, results[OUTPUT + name] ?? previous]);
    for (const [name, result] of Object.entries(results)) {
      if (name.startsWith(`${OUTPUT}stacked/`))
        append(stacked, name.slice(`${OUTPUT}stacked/`.length), result.data as Float32Array | Int32Array);
    }
    done += count;
  }
  return {
    steps,
    carried: Object.fromEntries(
      Object.entries(job.carried).map(([name, { shape }], i) => [
        name,
        { shape, data: (carried[i]?.[1].data as Float32Array).slice() },
      ]),
    ),
    stacked: Object.fromEntries([...stacked].map(([name, parts]) => [name, withoutFill(parts, weights)])),
  };
}

function keysTensor(keysOf: StepKeys, first: number, count: number, draws: number): Tensor {
  const keys = new Int32Array(count * 2 * draws);
  for (let i = 0; i < count; i++) keys.set(keysOf(first + i, draws), i * 2 * draws);
  return new Tensor('int32', keys, [count, 2 * draws]);
}

/** onnxruntime-node takes no shared memory; a slice of it is not shared. */
function toTensor({ shape, data }: ParameterTensor): Tensor {
  const own = data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
  return new Tensor('float32', own, [...shape]);
}

function append<Item>(lists: Map<string, Item[]>, name: string, item: Item): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

/** The parts in one array, less the entries of rows that only filled a batch. */
function withoutFill(parts: readonly (Float32Array | Int32Array)[], weights: Float32Array): Float32Array | Int32Array {
  const all = parts[0] instanceof Int32Array ? new Int32Array(weights.length) : new Float32Array(weights.length);
  let [seen, kept] = [0, 0];
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) if (weights[seen++] !== 0) all[kept++] = part[i] ?? 0;
  }
  return kept === all.length ? all : all.slice(0, kept);
}
