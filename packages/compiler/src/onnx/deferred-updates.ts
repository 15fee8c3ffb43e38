import type { Value } from '../ir/index.js';
import type { DeferredUpdate } from '../passes/index.js';
import type { Emitter } from './lowerings.js';

/** The step's number in its loop. */
export const STEP = 'step';

/** A deferred update, with the nodes that it has before all loops. */
export interface DeferredNodes {
  /** The matrix's input name. */
  readonly name: string;
  readonly units: number;
  /** Emits what it has around a loop; `rowsOf` takes what belongs to the loop's steps out of a table with so many rows a step. */
  around(emitter: Emitter, rowsOf: (table: string, rowsOfStep: number) => string): DeferredInLoop;
  /** What all changes, `[examples, units]`, add up to for the matrix; with `start`, the matrix that they lead to from there. */
  added(after: Emitter, changes: string, start?: string): string;
}

/** What it has in a loop, and around it. */
export interface DeferredInLoop {
  /** What the changes start as, `[examples, units]`. */
  readonly none: string;
  /** The product in a step, from the changes so far; `at` is the step's number among all. */
  product(step: Emitter, changes: string, at: string): string;
  /** The changes with those of a step, `[batch, units]`. */
  withChange(step: Emitter, changes: string, change: string): string;
  /** Sum of the squares of what these changes add up to for the matrix, a scalar. */
  squares(after: Emitter, changes: string): string;
}

/** Emits what comes before the loops. `emitExamples` gives the examples of all steps, with a first axis for the steps. */
export function deferredNodes(
  { name, examples, factor, rate, units }: DeferredUpdate,
  { emit, int64 }: Emitter,
  emitExamples: (examples: Value) => string,
): DeferredNodes {
  const [batch = 1, size = 1] = examples.shape;
  const all = emit('Reshape', [emitExamples(examples), int64([-1, size])]);
  const first = emit('Gemm', [all, name], { alpha: { float: factor } });
  const products = emit('Reshape', [first, int64([-1, batch, units])]);
  return {
    name,
    units,
    around: (emitter, rowsOf) => inLoop(emitter, { batch, units, factor, rate, products, own: rowsOf(all, batch) }),
    added: (after, changes, start) =>
      after.emit('Gemm', start === undefined ? [all, changes] : [all, changes, start], {
        transA: 1,
        alpha: { float: -rate },
      }),
  };
}

interface Tables extends Pick<DeferredUpdate, 'factor' | 'rate' | 'units'> {
  readonly batch: number;
  /** Products of all steps, `[steps, batch, units]`. */
  readonly products: string;
  /** The examples of the loop's steps, `[examples, in]`. */
  readonly own: string;
}

function inLoop({ emit, int64 }: Emitter, { batch, units, factor, rate, products, own }: Tables): DeferredInLoop {
  const count = emit('Slice', [emit('Shape', [own]), int64([0]), int64([1])]);
  /** A table with a row an example as one with an entry a step, `[steps, batch, columns]`. */
  const byStep = (table: string, columns: string): string =>
    emit('Reshape', [table, emit('Concat', [int64([-1, batch]), columns], { axis: 0 })]);
  const square = emit('Gemm', [own, own], { transB: 1 });
  const pairs = byStep(square, count);
  const numbers = emit('CumSum', [emit('Expand', [int64([1]), count]), int64([0])]);
  const places = byStep(emit('Sub', [numbers, int64([1])]), int64([1]));
  return {
    none: emit('ConstantOfShape', [emit('Concat', [count, int64([units])], { axis: 0 })]),
    product(step, changes, at) {
      const [own, product] = [step.emit('Gather', [pairs, STEP]), step.emit('Gather', [products, at])];
      return step.emit('Gemm', [own, changes, product], { alpha: { float: -factor * rate } });
    },
    withChange: (step, changes, change) =>
      step.emit('ScatterND', [changes, step.emit('Gather', [places, STEP]), change]),
    squares(after, changes) {
      // |x^T d|^2 is the sum of (x x^T d) * d.
      const product = after.emit('Gemm', [square, changes], { alpha: { float: rate ** 2 } });
      return after.emit('ReduceSum', [after.emit('Mul', [product, changes])], { keepdims: 0 });
    },
  };
}
