import { CompileError } from '../compile-error.js';
import { type Builder, findOrder, type OpName, sizeOf, type Value } from '../ir/index.js';
import { integer, reshape } from './kernel-call.js';

/**
 * Entries `indices` of `x` along `axis`. Where an index is none of them, engines fail as tfjs does: left to themselves, ONNX
 * Runtime would count negative ones from the end. Throws COMPILE_INVALID for a constant index that is out of range.
 */
export function gatherAlong(builder: Builder, x: Value, indices: Value, axis: number): Value {
  const size = x.shape[axis] ?? 1;
  checkConstant(indices, size);
  const reached = isNonNegative(indices) ? indices : outOfReach(builder, indices, size, size);
  return builder.make('gather', [x, reached], { axis });
}

/** Row `indices[b, …]` of each `x[b]`: one gather from the flattened rows, whose numbers have an offset for each b. */
export function gatherInBatch(builder: Builder, x: Value, indices: Value, batchAxes: number): Value {
  const batch = sizeOf(x.shape.slice(0, batchAxes));
  const [rows = 1, ...rest] = x.shape.slice(batchAxes);
  checkConstant(indices, rows);
  // One beyond the rows would be one of the next in the batch.
  const reached = indices.op === 'constant' ? indices : outOfReach(builder, indices, rows, 2 * batch * rows);
  const offsets = Int32Array.from({ length: batch }, (_, i) => i * rows);
  const shape = [...x.shape.slice(0, batchAxes), ...indices.shape.slice(batchAxes).map(() => 1)];
  const moved = builder.make('add', [reached, builder.constant(offsets, shape)], {});
  return builder.make('gather', [reshape(builder, x, [batch * rows, ...rest]), moved], { axis: 0 });
}

function checkConstant(indices: Value, size: number): void {
  if (indices.op !== 'constant') return;
  const wrong = indices.attributes.data.find((index) => index < 0 || index >= size);
  if (wrong === undefined) return;
  throw new CompileError('COMPILE_INVALID', `gather takes entry ${wrong} of an axis of ${size}.`);
}

/** `indices`, those that are not from 0 to before `size` moved by as much as nothing makes up for. */
function outOfReach(builder: Builder, indices: Value, size: number, by: number): Value {
  const below = builder.make('less', [indices, integer(builder, 0)], {});
  const beyond = builder.make('greaterEqual', [indices, integer(builder, size)], {});
  const lower = builder.make('sub', [indices, integer(builder, by)], {});
  const higher = builder.make('add', [indices, integer(builder, by)], {});
  return builder.make('select', [below, lower, builder.make('select', [beyond, higher, indices], {})], {});
}

type Judge = (value: Value, isRight: (operand: Value | undefined) => boolean) => boolean;
const always: Judge = () => true;
const first: Judge = ({ operands }, isRight) => isRight(operands[0]);
const everyOperand: Judge = ({ operands }, isRight) => operands.every(isRight);

/** Of operations whose results may be known to be at least 0, when they are; bytes and booleans always are. */
const judges: Readonly<Partial<Record<OpName, Judge>>> = {
  relu: always,
  abs: always,
  argMax: always,
  cast: first,
  floor: first,
  ceil: first,
  round: first,
  reduceMax: first,
  reduceMin: first,
  reduceSum: first,
  reshape: first,
  broadcast: first,
  transpose: first,
  slice: first,
  stridedSlice: first,
  tile: first,
  gather: first,
  add: everyOperand,
  mul: everyOperand,
  div: everyOperand,
  min: everyOperand,
  concat: everyOperand,
  max: ({ operands }, isRight) => operands.some(isRight),
  mod: ({ operands }, isRight) => isRight(operands[1]),
  select: ({ operands }, isRight) => isRight(operands[1]) && isRight(operands[2]),
};

/** Whether all elements are known to be at least 0, as those are that come from a dataset's bytes. */
function isNonNegative(value: Value): boolean {
  const known = new Set<Value>();
  for (const each of findOrder(
    { value },
    ({ op }) => op === 'constant' || op === 'input' || judges[op] !== undefined,
  )) {
    const isRight = (operand: Value | undefined): boolean => operand !== undefined && known.has(operand);
    const isKnown =
      each.op === 'constant'
        ? each.attributes.data.every((element) => element >= 0)
        : each.dtype === 'uint8' || each.dtype === 'bool' || judges[each.op]?.(each, isRight) === true;
    if (isKnown) known.add(each);
  }
  return known.has(value);
}
