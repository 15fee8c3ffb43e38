import type * as tfjs from '@tensorflow/tfjs';
import { CompileError } from './compile-error.js';
import { inputNames } from './input-names.js';
import { type Graph, type Shape, sameShape, sizeOf } from './ir/index.js';
import { type Noise, traceNoise } from './noise.js';
import { createRecurrence, type Recurrence } from './recurrence.js';
import { tf } from './tfjs.js';
import { trace, traceScan } from './trace/index.js';

/** A float32 tensor that goes into a program. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: Shape;
}

/** A table of rows that every step gathers its batch from. */
export interface TableSpec {
  readonly name: string;
  readonly rows: number;
  readonly rowShape: Shape;
  /**
   * `float32`: the batch is `row * scale`; `int32`: the batch is the row's integers.
   * The table itself stays as it is stored, once for all workers.
   */
  readonly as: { readonly dtype: 'float32'; readonly scale: number } | { readonly dtype: 'int32' };
  /** What the content holds; default: `uint8`. Float32 is little-endian. */
  readonly stored?: 'uint8' | 'float32';
  /** The bytes, or a file beside the program that holds them from `offset` (the runtime maps it). */
  readonly content: Uint8Array | { readonly file: string; readonly offset: number };
}

type Tensors = Readonly<Record<string, tfjs.Tensor>>;

export interface StepCall {
  readonly tf: typeof tfjs;
  readonly carried: Tensors;
  readonly constants: Tensors;
  /** A batch of each table, `[batch, ...rowShape]`. */
  readonly batch: Tensors;
  /** Share of each example in the batch's mean, `[batch]`, with sum 1; 0 marks a row that only fills the last batch. */
  readonly weights: tfjs.Tensor1D;
  /** Number of the step within the job, from 0. */
  readonly step: tfjs.Scalar;
  /** Uniform in `[0, 1)`; the n-th call of a step has the n-th keys of that step. */
  readonly uniform: (shape: Shape) => tfjs.Tensor;
  readonly recurrence: Recurrence;
}

/**
 * A loop over batches: local training (carried = parameters and optimizer slots) as well as evaluation (nothing carried).
 * Step s sees rows `rows[s, :]` of each table with weights `weights[s, :]`.
 */
export interface LoopDefinition {
  readonly batchSize: number;
  readonly tables: readonly TableSpec[];
  /** Float32 state from step to step. */
  readonly carried: readonly TensorSpec[];
  /** Float32 inputs that stay the same for all steps, hyper-parameters included. */
  readonly constants: readonly TensorSpec[];
  /** Names of float32 scalars that have a value for each step; the step finds them among the constants. */
  readonly perStep?: readonly string[];
  /** Whether each job has few steps, and few examples in them all, so that products of all with all of them are cheap. Default: false. */
  readonly isShort?: boolean;
  /**
   * Whether nothing is asked of jobs but the sum of what came to their carried values. A short loop then runs several jobs in a
   * call where that spares it something: `OptimisedLoop.isSummed`. Default: false.
   */
  readonly isSummed?: boolean;
  /** Needed where the step calls `uniform`. */
  readonly noise?: Noise;
  /** Pure tfjs. `stacked` is kept for every step: its first axis becomes `[steps, …]`. */
  step(call: StepCall): { readonly carried: Tensors; readonly stacked: Tensors };
}

/** A traced loop. Results of `body` are named `carried/<name>` and `stacked/<name>`. */
export interface TracedLoop {
  readonly definition: Omit<LoopDefinition, 'step' | 'noise' | 'perStep'> & { readonly perStep: readonly string[] };
  /** Windows of noise that a step takes; each has two keys. */
  readonly draws: number;
  readonly body: Graph;
}

/** A table holds its rows flat, and scalars as a vector. */
export function tableShape(rows: number, rowShape: Shape): Shape {
  return rowShape.length === 0 ? [rows] : [rows, sizeOf(rowShape)];
}

/** Traces one step under tfjs's own autodiff. Throws CompileError. */
export function traceLoop(definition: LoopDefinition): TracedLoop {
  const { batchSize, tables, carried, constants, perStep = [], isShort = false, isSummed = false } = definition;
  return trace(({ builder, tensor, value }) => {
    const rows = builder.input(inputNames.rows, [batchSize], 'int32');
    const named = (specs: readonly TensorSpec[], name: (name: string) => string): Tensors =>
      Object.fromEntries(
        specs.map((spec) => [spec.name, tensor(builder.input(name(spec.name), spec.shape, 'float32'))]),
      );

    const batch = Object.fromEntries(
      tables.map(({ name, rows: count, rowShape, stored = 'uint8', as }) => {
        const table = builder.input(inputNames.table(name), tableShape(count, rowShape), stored);
        const gathered = builder.make('gather', [table, rows], { axis: 0 });
        const converted = stored === as.dtype ? gathered : builder.make('cast', [gathered], { dtype: as.dtype });
        const scaled =
          as.dtype === 'float32' && as.scale !== 1
            ? builder.make('mul', [converted, builder.scalar(as.scale)], {})
            : converted;
        return [name, tensor(builder.make('reshape', [scaled], { shape: [batchSize, ...rowShape] }))];
      }),
    );
    const noise = traceNoise(builder, definition.noise);
    const result = definition.step({
      tf,
      carried: named(carried, inputNames.carried),
      constants: {
        ...named(constants, inputNames.constant),
        ...named(
          perStep.map((name) => ({ name, shape: [] })),
          inputNames.perStep,
        ),
      },
      batch,
      weights: tensor(builder.input(inputNames.weights, [batchSize], 'float32')) as tfjs.Tensor1D,
      step: tensor(builder.input(inputNames.step, [], 'float32')) as tfjs.Scalar,
      uniform: (shape) => tensor(noise.uniform(shape)),
      recurrence: createRecurrence(tf, traceScan({ builder, tensor, value })),
    });

    for (const { name, shape } of carried) {
      const got = result.carried[name];
      if (got === undefined || !sameShape(got.shape, shape)) {
        throw new CompileError(
          'COMPILE_INVALID',
          `${name} has shape [${shape.join(', ')}], but the step makes [${got?.shape.join(', ') ?? 'nothing'}] of it.`,
        );
      }
    }
    const body: Graph = Object.fromEntries([
      ...carried.map(({ name }) => [inputNames.carried(name), value(result.carried[name] as tfjs.Tensor)]),
      ...Object.entries(result.stacked).map(([name, stacked]) => [`stacked/${name}`, value(stacked)]),
    ]) as Graph;
    return {
      definition: { batchSize, tables, carried, constants, perStep, isShort, isSummed },
      draws: noise.draws(),
      body,
    };
  });
}
