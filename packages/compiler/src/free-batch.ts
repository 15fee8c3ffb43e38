import { isDeepStrictEqual } from 'node:util';
import { CompileError } from './compile-error.js';
import { STAND_INS } from './forward.js';
import { type Graph, operand, topologicalOrder, type Value } from './ir/index.js';

/** For each value of a graph the one of the graph that was traced with another batch; values of scans' bodies included. */
export type Twins = ReadonlyMap<Value, Value>;

/** Pairs the values of two traces. Throws CompileError where the operations themselves, or constants, depend on the batch. */
export function pairUp(graph: Graph, other: Graph): Twins {
  const twins = new Map<Value, Value>();
  const pairGraphs = (ours: Graph, theirs: Graph): void => {
    const others = topologicalOrder(theirs);
    for (const [i, value] of topologicalOrder(ours).entries()) {
      const twin = others[i];
      if (twin === undefined || !isAlike(value, twin, twins)) throw dependsOnBatch(value);
      twins.set(value, twin);
      if (value.op === 'scan' && twin.op === 'scan')
        pairGraphs(value.attributes.body.graph, twin.attributes.body.graph);
    }
  };
  pairGraphs(graph, other);
  return twins;
}

function isAlike(value: Value, twin: Value, twins: Twins): boolean {
  return (
    value.op === twin.op &&
    value.dtype === twin.dtype &&
    value.operands.length === twin.operands.length &&
    value.operands.every((one, i) => twins.get(one) === operand(twin.operands, i)) &&
    (value.op !== 'constant' || (twin.op === 'constant' && isDeepStrictEqual(value.attributes, twin.attributes)))
  );
}

/** What lowering an operation emits: lists of integers, which may follow from the batch, and all else, which may not. */
export interface Emitted {
  readonly integers: (readonly number[])[];
  readonly rest: unknown[];
}

/** Integers that are `perExample * batch + fixed`. */
export interface FreeIntegers {
  readonly perExample: readonly number[];
  readonly fixed: readonly number[];
}

/**
 * For each list of integers that lowering `value` emits how it follows from the batch, undefined where it does not; `emitted` and
 * `twin` are what value and twin emit. Throws CompileError where something else differs.
 */
export function freeIntegers(value: Value, emitted: Emitted, twin: Emitted): readonly (FreeIntegers | undefined)[] {
  if (emitted.integers.length !== twin.integers.length || !isDeepStrictEqual(emitted.rest, twin.rest))
    throw dependsOnBatch(value);
  return emitted.integers.map((integers, i) => {
    const others = twin.integers[i] ?? [];
    if (isDeepStrictEqual(integers, others)) return undefined;
    const perExample = integers.map((one, k) => (one - (others[k] ?? 0)) / (STAND_INS[0] - STAND_INS[1]));
    if (integers.length !== others.length || !perExample.every(Number.isInteger)) throw dependsOnBatch(value);
    return { perExample, fixed: integers.map((one, k) => one - (perExample[k] ?? 0) * STAND_INS[0]) };
  });
}

/** Whether a list of integers is a shape of which the rest follows from one axis, so that the axis can be left open. */
export function isOpenShape({ perExample }: FreeIntegers): boolean {
  return perExample.filter((factor) => factor !== 0).length === 1;
}

function dependsOnBatch({ op }: Value): CompileError {
  return new CompileError(
    'COMPILE_UNSUPPORTED_OP',
    `The model cannot be exported: what it does depends on how many examples a batch has, and not by way of shapes alone (seen at ` +
      `${op}). A number made of inputs.shape[0] holds for one batch only; tf.mean, or a sum of tf.onesLike(...), is right for any.`,
  );
}
