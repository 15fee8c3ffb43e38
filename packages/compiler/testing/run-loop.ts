/** Runs one loop twice, compiled by onnxruntime-node and eagerly by tfjs, so that tests can hold them side by side. */
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  createRecurrence,
  eagerScan,
  type LoopDefinition,
  optimise,
  registerGradients,
  toOnnx,
  traceLoop,
} from '../src/index.js';

/** A tensor outside of tfjs; booleans are 0 and 1. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type NamedValues = Readonly<Record<string, Values>>;

/** What a loop is run on: one entry of `rows` and `weights` a step, each as long as a batch. */
export interface LoopInputs {
  readonly rows: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
  readonly carried: NamedValues;
  readonly constants?: NamedValues;
  /** A value for each step. */
  readonly perStep?: Readonly<Record<string, readonly number[]>>;
  /** Where each step's windows of noise start, two a draw. */
  readonly keys?: readonly (readonly number[])[];
  /** Of a loop that sums: of each job its steps, which follow each other in the other inputs, and what it counts. */
  readonly jobs?: readonly { readonly steps: number; readonly share: number }[];
}

/** `stacked` has `[steps, …]`, `squares` `[jobs]`. */
export interface LoopResults {
  readonly carried: NamedValues;
  readonly stacked: NamedValues;
  readonly squares?: Values | undefined;
}

export async function openCompiled(loop: LoopDefinition): Promise<(inputs: LoopInputs) => Promise<LoopResults>> {
  const session = await InferenceSession.create(toOnnx(optimise(traceLoop(loop))), { intraOpNumThreads: 1 });
  return async ({ rows, weights, carried, constants = {}, perStep = {}, keys, jobs }) => {
    const steps = [rows.length, loop.batchSize];
    const numbers = (jobs ?? [{ steps: rows.length }]).flatMap((job) => [...new Array(job.steps).keys()]);
    const results = await session.run({
      rows: new Tensor('int32', Int32Array.from(rows.flat()), steps),
      weights: new Tensor('float32', Float32Array.from(weights.flat()), steps),
      'step-numbers': new Tensor('float32', Float32Array.from(numbers), [rows.length]),
      ...(jobs && {
        'job-steps': new Tensor(
          'int32',
          Int32Array.from(jobs, (job) => job.steps),
          [jobs.length],
        ),
        shares: new Tensor(
          'float32',
          Float32Array.from(jobs, ({ share }) => share),
          [jobs.length],
        ),
      }),
      ...Object.fromEntries(
        Object.entries(perStep).map(([name, values]) => [
          `per-step/${name}`,
          new Tensor('float32', Float32Array.from(values), [rows.length]),
        ]),
      ),
      ...(keys && { keys: new Tensor('int32', Int32Array.from(keys.flat()), [rows.length, keys[0]?.length ?? 0]) }),
      ...prefixed('carried/', carried),
      ...prefixed('constant/', constants),
    });
    const { '': squares } = pick(results, 'out/squares');
    return { carried: pick(results, 'out/carried/'), stacked: pick(results, 'out/stacked/'), squares };
  };
}

/** The reference: the same step as plain tfjs on its JavaScript backend, tables inside the definition. */
export async function runEager(loop: LoopDefinition, inputs: LoopInputs): Promise<LoopResults> {
  await tf.setBackend('cpu');
  registerGradients();
  let { carried } = inputs;
  const stacked: Record<string, { shape: readonly number[]; steps: Float32Array[] }> = {};
  inputs.rows.forEach((rows, step) => {
    tf.tidy(() => {
      const result = loop.step({
        tf,
        carried: toTensors(carried),
        constants: { ...toTensors(inputs.constants ?? {}), ...stepScalars(inputs, step) },
        batch: Object.fromEntries(loop.tables.map((table) => [table.name, gather(table, rows)])),
        weights: tf.tensor1d([...(inputs.weights[step] ?? [])]),
        step: tf.scalar(step),
        recurrence: createRecurrence(tf, eagerScan(tf)),
        uniform: drawUniform(loop, inputs.keys?.[step] ?? []),
      });
      carried = Object.fromEntries(Object.entries(result.carried).map(([name, tensor]) => [name, valuesOf(tensor)]));
      for (const [name, tensor] of Object.entries(result.stacked)) {
        stacked[name] ??= { shape: [inputs.rows.length, ...tensor.shape], steps: [] };
        stacked[name].steps.push(Float32Array.from(tensor.dataSync()));
      }
    });
  });
  return {
    carried,
    stacked: Object.fromEntries(
      Object.entries(stacked).map(([name, { shape, steps }]) => [name, { shape, data: joined(steps) }]),
    ),
  };
}

/** As {@link runEager}, with the kernels that tfjs calls, by its own count. */
export async function profileEager(
  loop: LoopDefinition,
  inputs: LoopInputs,
): Promise<{ readonly results: LoopResults; readonly kernelNames: readonly string[] }> {
  let results: LoopResults = { carried: {}, stacked: {} };
  const { kernelNames } = await tf.profile(async () => {
    results = await runEager(loop, inputs);
    return [];
  });
  return { results, kernelNames };
}

function stepScalars({ perStep = {} }: LoopInputs, step: number): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(perStep).map(([name, values]) => [name, tf.scalar(values[step] ?? 0)]));
}

/** The definition of a draw, entry by entry. */
function drawUniform({ noise }: LoopDefinition, keys: readonly number[]): (shape: readonly number[]) => tf.Tensor {
  let window = 0;
  return (shape) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    const [first, second] = noise?.tables ?? [new Float32Array(), new Float32Array()];
    const values = Array.from({ length: size }, (_, i) => {
      const at = window + Math.floor(i / (noise?.window ?? 1));
      const offset = i % (noise?.window ?? 1);
      return ((first[(keys[2 * at] ?? 0) + offset] ?? 0) + (second[(keys[2 * at + 1] ?? 0) + offset] ?? 0)) % 1;
    });
    window += Math.ceil(size / (noise?.window ?? 1));
    return tf.tensor(values, [...shape]);
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((start, part) => {
    whole.set(part, start);
    return start + part.length;
  }, 0);
  return whole;
}

/** Norm of the difference over norm of `expected`; just the norm of the difference where `expected` is zero. */
export function relativeDistance(actual: Values | undefined, expected: Values | undefined): number {
  if (expected === undefined || actual?.data.length !== expected.data.length) return Infinity;
  let [distance, size] = [0, 0];
  expected.data.forEach((value, i) => {
    distance += ((actual.data[i] ?? Number.NaN) - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(distance) / (Math.sqrt(size) || 1);
}

function gather(
  { name, rowShape, stored, as, content }: LoopDefinition['tables'][number],
  rows: readonly number[],
): tf.Tensor {
  if (!(content instanceof Uint8Array)) throw new TypeError(`The table ${name} lies in a file.`);
  const table = stored === 'float32' ? new Float32Array(content.buffer, content.byteOffset) : content;
  const width = rowShape.reduce((product, axis) => product * axis, 1);
  const values = rows.flatMap((row) => [...table.subarray(row * width, (row + 1) * width)]);
  const shape = [rows.length, ...rowShape];
  return as.dtype === 'int32' ? tf.tensor(values, shape, 'int32') : tf.mul(tf.tensor(values, shape), as.scale);
}

function toTensors(values: NamedValues): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

function valuesOf(tensor: tf.Tensor): Values {
  return { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
}

function prefixed(prefix: string, values: NamedValues): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]) => [
      prefix + name,
      new Tensor('float32', Float32Array.from(data), [...shape]),
    ]),
  );
}

function pick(results: Readonly<Record<string, Tensor>>, prefix: string): NamedValues {
  return Object.fromEntries(
    Object.entries(results)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { dims, data }]) => [name.slice(prefix.length), { shape: dims, data: data as Float32Array }]),
  );
}
