import type { BackendValues } from '@tensorflow/tfjs';
import { CompileError } from '../compile-error.js';
import { type Builder, type DType, type Shape, sizeOf, type Value } from '../ir/index.js';
import { tf } from '../tfjs.js';

/** A traced call of a tfjs kernel: its operands as IR values and its attributes as tfjs gives them. */
export interface KernelCall {
  /** Operand by tfjs's name of it, e.g. `a`, `b`, `x`. */
  readonly operand: (name: string) => Value;
  /** An operand that may be left out. */
  readonly optional: (name: string) => Value | undefined;
  /** All operands in order, for kernels that take a list. */
  readonly operands: readonly Value[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly builder: Builder;
}

/** Puts one tfjs kernel into canonical operations; a list where the kernel has several results. */
export type Translate = (call: KernelCall) => Value | readonly Value[];

/** One kernel's translation each, by tfjs's name of the kernel. */
export type Kernels = Readonly<Record<string, Translate>>;

/** `value` everywhere, as float32 or as the dtype that tfjs says. */
export function filled(builder: Builder, value: number, shape: Shape, dtype: string): Value {
  const scalar =
    dtype === 'float32' ? builder.scalar(value) : builder.constant(Int32Array.of(value), [], dtype as DType);
  return builder.make('broadcast', [scalar], { shape });
}

/** `value` as `x` has it: an integer where those are. Others are float32, which integers are not combined with. */
export function scalarLike(builder: Builder, x: Value, value: number): Value {
  return x.dtype === 'int32' && Number.isInteger(value) ? integer(builder, value) : builder.scalar(value);
}

/** An int32 scalar. */
export function integer(builder: Builder, value: number): Value {
  return builder.constant(Int32Array.of(value), []);
}

/** Of integers and booleans their numbers. */
export function asFloat(builder: Builder, x: Value): Value {
  return x.dtype === 'float32' ? x : builder.make('cast', [x], { dtype: 'float32' });
}

/** The part of `x` from `start` on along `axis`, `length` long. */
export function sliceAlong(builder: Builder, x: Value, axis: number, start: number, length: number): Value {
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  const size = x.shape.map((whole, i) => (i === axis ? length : whole));
  return builder.make('slice', [x], { begin, size });
}

/** `x` with `before` and `after` elements of `value` more along `axis`. */
export function padAlong(
  builder: Builder,
  x: Value,
  axis: number,
  [before, after]: readonly [number, number],
  value = 0,
): Value {
  const paddings = x.shape.map((_, i) => (i === axis ? ([before, after] as const) : ([0, 0] as const)));
  return builder.make('pad', [x], { paddings, value });
}

/** `x` with `axis` in the other direction. */
export function reverseAlong(builder: Builder, x: Value, axes: readonly number[]): Value {
  return builder.make('stridedSlice', [x], {
    begin: x.shape.map((size, axis) => (axes.includes(axis) ? size - 1 : 0)),
    strides: x.shape.map((_, axis) => (axes.includes(axis) ? -1 : 1)),
    size: x.shape,
  });
}

/** The one axis of `x` that an attribute names, counted from the front. */
export function axisOf(x: Value | undefined, attribute: unknown): number {
  const [axis = 0] = tf.util.parseAxisParam(attribute as number, [...(x?.shape ?? [])]);
  return axis;
}

export function reshape(builder: Builder, x: Value, shape: Shape): Value {
  return builder.make('reshape', [x], { shape });
}

/** `x` as a matrix: its last axis, and all others as one. */
export function asRows(builder: Builder, x: Value): Value {
  const width = x.shape.at(-1) ?? 1;
  return reshape(builder, x, [sizeOf(x.shape) / width, width]);
}

export function refuse(op: string, why: string): CompileError {
  return new CompileError('COMPILE_UNSUPPORTED_OP', `The tfjs operation ${op} ${why} cannot be compiled.`, {
    op,
  });
}

/** What a tfjs constant holds, as the IR keeps it; booleans and integers become int32. */
export function constantData(values: BackendValues | readonly number[], dtype: string): Float32Array | Int32Array {
  const numbers = values as Float32Array | Int32Array | Uint8Array | readonly number[];
  return dtype === 'float32' ? new Float32Array(numbers) : new Int32Array(numbers);
}

/** The one number that a tfjs constant of several repeats. By its bits, and without a call for each: tfjs makes ones of any size. */
export function repeatedValue(values: BackendValues, dtype: string): Float32Array | Int32Array | undefined {
  const numbers = values as Float32Array | Int32Array | Uint8Array;
  const { length } = numbers;
  if (length <= 1) return undefined;
  const bits =
    numbers instanceof Float32Array ? new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length) : numbers;
  const first = bits[0];
  for (let i = 1; i < length; i++) if (bits[i] !== first) return undefined;
  return constantData(numbers.slice(0, 1), dtype);
}
