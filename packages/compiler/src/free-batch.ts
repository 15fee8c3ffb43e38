import { isDeepStrictEqual } from 'node:util';
import { CompileError } from './compile-error.js';
import { STAND_INS } from './forward.js';
import { type Graph, operand, topologicalOrder, type Value } from './ir/index.js';

/** For each value of a graph those of the graphs that were traced with other batches; values of scans' bodies included. */
export type Twins = ReadonlyMap<Value, readonly Value[]>;

/** Pairs the values of several traces. Throws CompileError where the operations themselves, or constants, depend on the batch. */
export function pairUp(graph: Graph, others: readonly Graph[]): Twins {
  const pairs = others.map((other) => pairsOf(graph, other));
  return new Map(
    [...(pairs[0]?.keys() ?? [])].map((value) => [value, pairs.map((twins) => twins.get(value) ?? value)]),
  );
}

function pairsOf(graph: Graph, other: Graph): ReadonlyMap<Value, Value> {
  const twins = new Map<Value, Value>();
  const pairGraphs = (ours: Graph, theirs: Graph): void => {
    const twinsInOrder = topologicalOrder(theirs);
    for (const [i, value] of topologicalOrder(ours).entries()) {
      const twin = twinsInOrder[i];
      if (twin === undefined || !isAlike(value, twin, twins)) throw dependsOnBatch(value);
      twins.set(value, twin);
      if (value.op === 'scan' && twin.op === 'scan')
        pairGraphs(value.attributes.body.graph, twin.attributes.body.graph);
    }
    for (const [name, result] of Object.entries(ours))
      if (twins.get(result) !== theirs[name]) throw dependsOnBatch(result);
  };
  pairGraphs(graph, other);
  return twins;
}

function isAlike(value: Value, twin: Value, twins: ReadonlyMap<Value, Value>): boolean {
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
 * `twins` are what value and its twins emit. Throws CompileError where something else differs, and where no line goes through all.
 */
export function freeIntegers(
  value: Value,
  emitted: Emitted,
  twins: readonly Emitted[],
): readonly (FreeIntegers | undefined)[] {
  const isAlikeBut = ({ integers, rest }: Emitted): boolean =>
    integers.length === emitted.integers.length && isDeepStrictEqual(rest, emitted.rest);
  if (!twins.every(isAlikeBut)) throw dependsOnBatch(value);
  return emitted.integers.map((integers, i) => {
    const others = twins.map((twin) => twin.integers[i] ?? []);
    if (others.every((other) => isDeepStrictEqual(integers, other))) return undefined;
    const perExample = integers.map((one, k) => (one - (others[0]?.[k] ?? 0)) / (STAND_INS[0] - STAND_INS[1]));
    const fixed = integers.map((one, k) => one - (perExample[k] ?? 0) * STAND_INS[0]);
    const isOnLine = (other: readonly number[], j: number): boolean =>
      other.length === integers.length &&
      other.every((one, k) => one === (perExample[k] ?? 0) * (STAND_INS[j + 1] ?? 0) + (fixed[k] ?? 0));
    if (!others.every(isOnLine)) throw dependsOnBatch(value);
    return { perExample, fixed };
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
