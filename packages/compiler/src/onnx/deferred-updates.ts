import type { Value } from '../ir/index.js';
import type { DeferredUpdate } from '../passes/index.js';
import type { Emitter } from './lowerings.js';

/** What a deferred update adds to the nodes before the loop, to those of a step and to those behind it. */
export interface DeferredNodes {
  readonly name: string;
  /** Before the loop: what the changes start as, `[steps * batch, out]`. */
  readonly none: string;
  /** The product in a step, from the name of the changes so far. */
  product(step: Emitter, changes: string): string;
  /** The changes with those of a step, `[batch, out]`. */
  withChange(step: Emitter, changes: string, change: string): string;
  /** The matrix behind the loop. */
  updated(after: Emitter, changes: string): string;
}

/** Emits what comes before the loop. `emitExamples` gives the examples of all steps, with a first axis for the steps. */
export function deferredNodes(
  { name, examples, factor, rate }: DeferredUpdate,
  before: Emitter,
  emitExamples: (examples: Value) => string,
): DeferredNodes {
  const { emit, int64 } = before;
  const [batch = 1, size = 1] = examples.shape;
  const all = emit('Reshape', [emitExamples(examples), int64([-1, size])]);
  const count = emit('Slice', [emit('Shape', [all]), int64([0]), int64([1])]);
  /** A table with a row an example as one with an entry a step, `[steps, batch, columns]`. */
  const byStep = (table: string, columns: string): string =>
    emit('Reshape', [table, emit('Concat', [int64([-1, batch]), columns], { axis: 0 })]);
  const first = emit('Gemm', [all, name], { alpha: { float: factor } });
  const products = byStep(first, emit('Slice', [emit('Shape', [first]), int64([1]), int64([2])]));
  const pairs = byStep(emit('Gemm', [all, all], { transB: 1, alpha: { float: -factor * rate } }), count);
  const places = byStep(
    emit('Sub', [emit('CumSum', [emit('Expand', [int64([1]), count]), int64([0])]), int64([1])]),
    int64([1]),
  );
  return {
    name,
    none: emit('ConstantOfShape', [emit('Shape', [first])]),
    product(step, changes) {
      const [own, product] = [pairs, products].map((table) => step.emit('Gather', [table, 'step']));
      return step.emit('Gemm', [own ?? '', changes, product ?? '']);
    },
    withChange: (step, changes, change) =>
      step.emit('ScatterND', [changes, step.emit('Gather', [places, 'step']), change]),
    updated: (after, changes) => after.emit('Gemm', [all, changes, name], { transA: 1, alpha: { float: -rate } }),
  };
}
