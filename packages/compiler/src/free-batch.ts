import { isDeepStrictEqual } from 'node:util';
import { CompileError } from './compile-error.js';
import { STAND_INS } from './forward.js';
import { type Graph, topologicalOrder, type Value, type ValueOf } from './ir/index.js';

/** For each value of a graph those of the graphs that were traced with other batches; values of scans' bodies included. */
export type Twins = ReadonlyMap<Value, readonly Value[]>;

/** Pairs the values of several traces. Throws CompileError where the operations themselves, or constants, depend on the batch. */
export function pairUp(graph: Graph, others: readonly Graph[]): Twins {
  const pairs = others.map((other) => pairsOf(graph, other));
  return new Map(
    [...(pairs[0]?.keys() ?? [])].map((value) => [value, pairs.map((twins) => twins.get(value) ?? value)]),
  );
}

/**
 * From the results to the inputs. Two values may have one twin: where the batch happens to be a size that the model has anyway, what
 * differs by that alone is the same.
 */
function pairsOf(graph: Graph, other: Graph): ReadonlyMap<Value, Value> {
  const twins = new Map<Value, Value>();
  const pair = (value: Value, twin: Value | undefined): void => {
    const known = twins.get(value) ?? twin;
    if (twin === undefined || known !== twin || !isAlike(value, twin)) throw dependsOnBatch(value);
    twins.set(value, twin);
  };
  const pairGraphs = (ours: Graph, theirs: Graph): void => {
    for (const [name, result] of Object.entries(ours)) pair(result, theirs[name]);
    for (const value of [...topologicalOrder(ours)].reverse()) {
      const twin = twins.get(value);
      value.operands.forEach((one, i) => pair(one, twin?.operands[i]));
      if (value.op === 'scan' && twin?.op === 'scan')
        pairGraphs(value.attributes.body.graph, twin.attributes.body.graph);
    }
  };
  pairGraphs(graph, other);
  return twins;
}

function isAlike(value: Value, twin: Value): boolean {
  return (
    value.op === twin.op &&
    value.dtype === twin.dtype &&
    value.operands.length === twin.operands.length &&
    ((value.op !== 'constant' && value.op !== 'input') || isDeepStrictEqual(value.attributes, twin.attributes))
  );
}

/** An operation that lowers by itself. */
type Lowered = Exclude<Value, ValueOf<'input'> | ValueOf<'constant'> | ValueOf<'scan'>>;

/** Takes what a lowering emits: `integers` its lists of integers, which may follow from the batch, `rest` all else, which may not. */
interface Recorder {
  integers(values: readonly number[]): string;
  rest(...call: readonly unknown[]): string;
}

/** Lowers an operation whose operands have these names, into a recorder. */
export type RecordLowering = (value: Lowered, inputs: readonly string[], recorder: Recorder) => void;

/** Integers that are `perExample * batch + fixed`. */
export interface FreeIntegers {
  readonly perExample: readonly number[];
  readonly fixed: readonly number[];
}

/**
 * For the lists of integers that lowering `value` emits, one after the other: what to emit instead, a list or integers to compute
 * from the batch. Throws CompileError where something else differs between value and its twins, and where no line goes through all.
 */
export function freeIntegers(
  value: Value,
  twins: Twins,
  record: RecordLowering,
): (values: readonly number[]) => readonly number[] | FreeIntegers {
  const emitted = emittedBy(value, record);
  const others = (twins.get(value) ?? []).map((twin) => emittedBy(twin, record));
  const isAlikeBut = ({ integers, rest }: Emitted): boolean =>
    integers.length === emitted.integers.length && isDeepStrictEqual(rest, emitted.rest);
  if (!others.every(isAlikeBut)) throw dependsOnBatch(value);
  const lists = emitted.integers.map((integers, i) =>
    onLine(
      value,
      integers,
      others.map((other) => other.integers[i] ?? []),
    ),
  );
  let next = 0;
  return (values) => {
    const free = lists[next++];
    if (free === undefined) return values;
    return value.op === 'reshape' && isOpenShape(free)
      ? values.map((size, i) => (free.perExample[i] === 0 ? size : -1))
      : free;
  };
}

interface Emitted {
  readonly integers: (readonly number[])[];
  readonly rest: unknown[];
}

function emittedBy(value: Value, record: RecordLowering): Emitted {
  const emitted: Emitted = { integers: [], rest: [] };
  if (value.op === 'input' || value.op === 'constant' || value.op === 'scan') return emitted;
  const names = value.operands.map((_, i) => `operand ${i}`);
  record(value, names, {
    integers: (values) => `integers ${emitted.integers.push(values)}`,
    rest: (...call) => `${emitted.rest.push(call)}`,
  });
  return emitted;
}

/** How `integers` follow from the batch, given what they are with the other stand-ins; undefined where they do not. */
function onLine(
  value: Value,
  integers: readonly number[],
  others: readonly (readonly number[])[],
): FreeIntegers | undefined {
  if (others.every((other) => isDeepStrictEqual(integers, other))) return undefined;
  const perExample = integers.map((one, k) => (one - (others[0]?.[k] ?? 0)) / (STAND_INS[0] - STAND_INS[1]));
  const fixed = integers.map((one, k) => one - (perExample[k] ?? 0) * STAND_INS[0]);
  const isOnLine = (other: readonly number[], j: number): boolean =>
    other.length === integers.length &&
    other.every((one, k) => one === (perExample[k] ?? 0) * (STAND_INS[j + 1] ?? 0) + (fixed[k] ?? 0));
  if (!others.every(isOnLine)) throw dependsOnBatch(value);
  return { perExample, fixed };
}

/** Whether the integers are a shape of which the rest follows from one axis, so that the axis can be left open. */
function isOpenShape({ perExample }: FreeIntegers): boolean {
  return perExample.filter((factor) => factor !== 0).length === 1;
}

function dependsOnBatch({ op }: Value): CompileError {
  return new CompileError(
    'COMPILE_UNSUPPORTED_OP',
    `The model cannot be exported: what it does depends on how many examples a batch has, and not by way of shapes alone (seen at ` +
      `${op}). A number made of inputs.shape[0] holds for one batch only; tf.mean, or a sum of tf.onesLike(...), is right for any.`,
  );
}
