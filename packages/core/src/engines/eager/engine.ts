import type { LoopDefinition, TableSpec } from '@fedx/compiler';
import type * as tfjs from '@tensorflow/tfjs';
import type { Parameters } from '../../contracts/index.js';
import { FedxError, translateCompileError } from '../../errors/index.js';
import type { Job, Outcome } from '../../runtime/index.js';
import { layOutJob } from '../batches.js';
import type { Engine } from '../engine.js';
import { jobResult } from '../job-result.js';
import { readTensors, toTensors } from './tensors.js';

/** Reads the bytes of a table that lies in a file. */
export type ReadTable = (table: TableSpec) => Promise<Uint8Array>;

/**
 * Plain tfjs on its JavaScript backend, step by step in this thread: the reference that the other engines are tested
 * against, and the way to step through a plugin in a debugger. Blocks the event loop for one step at a time.
 */
export function createEagerEngine({
  signal,
  readTable,
}: {
  readonly signal: AbortSignal;
  readonly readTable: ReadTable;
}): Engine {
  const programs = new Map<string, { loop: LoopDefinition; tables: ReadonlyMap<string, Uint8Array> }>();
  let compiled = 0;
  let chain: Promise<unknown> = Promise.resolve();

  async function runJob(job: Job): Promise<Outcome> {
    const program = programs.get(job.program.id);
    if (program === undefined)
      throw new FedxError('FEDX_INTERNAL', `The eager engine has no program ${job.program.id}.`);
    const { createRecurrence, eagerScan, registerGradients, tf } = await import('@fedx/compiler');
    registerGradients();
    await tf.setBackend('cpu');
    const { loop, tables } = program;
    const { steps, rows, weights, parts } = layOutJob(job.schedules, loop.batchSize);
    let carried = job.carried;
    const stacked = new Map<string, { readonly values: number[]; readonly isInteger: boolean }>();
    for (let step = 0; step < steps; step++) {
      if (signal.aborted) throw new FedxError('FEDX_RUN_INTERRUPTED', 'The run was interrupted.');
      const span = [step * loop.batchSize, (step + 1) * loop.batchSize] as const;
      const stepWeights = weights.slice(...span);
      tf.engine().startScope();
      const result = read(
        translateCompileError(() =>
          loop.step({
            tf,
            carried: toTensors(tf, carried),
            constants: { ...toTensors(tf, job.constants), ...stepScalars(tf, job, step) },
            batch: Object.fromEntries(
              loop.tables.map((table) => [table.name, gather(tf, table, tables, rows.slice(...span))]),
            ),
            weights: tf.tensor1d(stepWeights),
            step: tf.scalar(step),
            recurrence: createRecurrence(tf, eagerScan(tf)),
            uniform: drawUniform(tf, loop, (draws) => parts[0]?.keysOf(step, draws) ?? new Int32Array(2 * draws)),
          }),
        ),
      );
      tf.engine().endScope();
      carried = result.carried;
      for (const [name, values] of Object.entries(result.stacked)) {
        const list = stacked.get(name) ?? { values: [], isInteger: values instanceof Int32Array };
        const width = values.length / stepWeights.length;
        values.forEach((value, i) => {
          if (stepWeights[Math.floor(i / width)] !== 0) list.values.push(value);
        });
        stacked.set(name, list);
      }
      await new Promise(setImmediate);
    }
    const { norm, ...result } = jobResult(job, carried);
    return {
      ...result,
      ends: parts.map(({ examples }) => ({ steps, examples, norm: norm() })),
      stacked: Object.fromEntries(
        [...stacked].map(([name, { values, isInteger }]) => [
          name,
          isInteger ? Int32Array.from(values) : Float32Array.from(values),
        ]),
      ),
    };
  }

  return {
    name: 'eager',
    workers: 1,
    async compile(loop) {
      const id = `eager-${compiled++}`;
      const tables = await Promise.all(
        loop.tables.map(async (table) => {
          const bytes = await readTable(table);
          return [table.name, bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes)] as const;
        }),
      );
      programs.set(id, { loop, tables: new Map(tables) });
      return { id, batchSize: loop.batchSize, draws: 0 };
    },
    run(job) {
      const result = chain.then(() => runJob(job));
      chain = result.catch(() => undefined);
      return result;
    },
    close: async () => {
      await chain;
      programs.clear();
    },
  };
}

/** The numbers that the compiled loop draws, without a graph: sums of two table entries, modulo 1. */
function drawUniform(
  tf: typeof tfjs,
  { noise }: LoopDefinition,
  keysOf: (draws: number) => Int32Array,
): (shape: readonly number[]) => tfjs.Tensor {
  let drawn = 0;
  return (shape) => {
    if (noise === undefined)
      throw new FedxError('FEDX_COMPILE_FAILED', 'Random numbers are drawn where the program has none: in evaluation.');
    const size = shape.reduce((product, axis) => product * axis, 1);
    const windows = Math.ceil(size / noise.window);
    const keys = keysOf(drawn + windows);
    const [first, second] = noise.tables;
    const values = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const draw = drawn + Math.floor(i / noise.window);
      const at = i % noise.window;
      const sum = (first[(keys[2 * draw] ?? 0) + at] ?? 0) + (second[(keys[2 * draw + 1] ?? 0) + at] ?? 0);
      values[i] = sum - Math.floor(sum);
    }
    drawn += windows;
    return tf.tensor(values, [...shape]);
  };
}

function stepScalars(tf: typeof tfjs, { perStep = {} }: Job, step: number): Record<string, tfjs.Tensor> {
  return Object.fromEntries(Object.entries(perStep).map(([name, values]) => [name, tf.scalar(values[step] ?? 0)]));
}

function gather(
  tf: typeof tfjs,
  table: TableSpec,
  tables: ReadonlyMap<string, Uint8Array>,
  rows: Int32Array,
): tfjs.Tensor {
  const stored = valuesOf(table, tables.get(table.name) ?? new Uint8Array());
  const width = table.rowShape.reduce((product, axis) => product * axis, 1);
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    values.set(stored.subarray(row * width, (row + 1) * width), i * width);
  });
  const shape = [rows.length, ...table.rowShape];
  return table.as.dtype === 'int32'
    ? tf.tensor(Int32Array.from(values), shape, 'int32')
    : tf.mul(tf.tensor(values, shape), table.as.scale);
}

/** What a table's bytes stand for, without a copy: `compile` puts them where a Float32Array may start. */
function valuesOf({ stored }: TableSpec, bytes: Uint8Array): Uint8Array | Float32Array {
  return stored === 'float32' ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) : bytes;
}

function read({ carried, stacked }: ReturnType<LoopDefinition['step']>): {
  carried: Parameters;
  stacked: Record<string, Float32Array | Int32Array | Uint8Array>;
} {
  return {
    carried: readTensors(carried),
    stacked: Object.fromEntries(Object.entries(stacked).map(([name, tensor]) => [name, tensor.dataSync()])),
  };
}
