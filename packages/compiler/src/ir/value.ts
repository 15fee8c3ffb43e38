import type { Builder } from './builder.js';

/** Element types of the IR. */
export type DType = 'float32' | 'int32' | 'bool' | 'uint8';

export type Shape = readonly number[];

/** What each operation carries beside its operands. Axes are explicit and non-negative. */
export interface OpAttributes {
  input: { readonly name: string };
  constant: { readonly data: Float32Array | Int32Array };
  neg: Empty;
  abs: Empty;
  sign: Empty;
  exp: Empty;
  log: Empty;
  sqrt: Empty;
  reciprocal: Empty;
  floor: Empty;
  ceil: Empty;
  round: Empty;
  sin: Empty;
  cos: Empty;
  tan: Empty;
  asin: Empty;
  acos: Empty;
  atan: Empty;
  sinh: Empty;
  cosh: Empty;
  asinh: Empty;
  acosh: Empty;
  atanh: Empty;
  erf: Empty;
  relu: Empty;
  sigmoid: Empty;
  tanh: Empty;
  softplus: Empty;
  not: Empty;
  add: Empty;
  sub: Empty;
  mul: Empty;
  div: Empty;
  max: Empty;
  min: Empty;
  pow: Empty;
  /** Remainder with the sign of the divisor. */
  mod: Empty;
  equal: Empty;
  greater: Empty;
  greaterEqual: Empty;
  less: Empty;
  lessEqual: Empty;
  and: Empty;
  or: Empty;
  select: Empty;
  cast: { readonly dtype: DType };
  /** `alpha * op(a) op(b)` of matrices, or of stacks of matrices with equal leading axes. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly alpha: number };
  /** `alpha * op(a) op(b) + c`, matrices; `c` broadcasts. Only the last pass makes it. */
  gemm: { readonly transposeA: boolean; readonly transposeB: boolean; readonly alpha: number };
  reduceSum: Reduction;
  reduceMax: Reduction;
  reduceMin: Reduction;
  reduceMean: Reduction;
  reduceProd: Reduction;
  argMax: { readonly axis: number };
  /** Over the last axis. */
  softmax: Empty;
  /** Over the last axis. */
  logSoftmax: Empty;
  reshape: { readonly shape: Shape };
  broadcast: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  concat: { readonly axis: number };
  slice: { readonly begin: readonly number[]; readonly size: readonly number[] };
  /** Elements `begin + i * strides` for i below `size`, along each axis; a stride may be negative. */
  stridedSlice: {
    readonly begin: readonly number[];
    readonly strides: readonly number[];
    readonly size: readonly number[];
  };
  pad: { readonly paddings: readonly (readonly [number, number])[]; readonly value: number };
  tile: { readonly repeats: readonly number[] };
  gather: { readonly axis: number };
  /** `size` consecutive entries of a vector; the second operand, int32 `[1]`, says from where on. */
  window: { readonly size: number };
  /**
   * Operands: a state, tensors `[length, …]` that are cut along their first axis, and values that stay the same. Step t
   * makes the next state from the state before and the t-th cuts; the result is all states, `[length, ...state]`.
   */
  scan: ScanAttributes;
  oneHot: { readonly depth: number; readonly on: number; readonly off: number };
  /** Of `x` `[n, …]` and ids int32 `[n]`: row s is the sum of the rows of x whose id is s. Ids are valid. */
  segmentSum: { readonly segments: number };
  /** Of `x` `[batch, height, width, in]` and a filter `[height, width, in, out]`. */
  conv2d: Window & { readonly dilations: Pair };
  /** Of the output's gradient and the filter. */
  conv2dInputGradient: Window & { readonly inputShape: Shape };
  /** Of `x` and the output's gradient. */
  conv2dFilterGradient: Window & { readonly filterShape: Shape };
  /** Each channel by itself: the filter is `[height, width, in, multiplier]`, channel c's results are c * multiplier on. */
  depthwiseConv2d: Window & { readonly dilations: Pair };
  depthwiseConv2dInputGradient: Window & { readonly inputShape: Shape };
  depthwiseConv2dFilterGradient: Window & { readonly filterShape: Shape };
  maxPool: Window & { readonly size: Pair };
  /** Of the output's gradient, the input and the output: it goes to the first maximum of each window, row by row. */
  maxPoolGradient: Window & { readonly size: Pair };
  /** Mean of those elements of a window that lie in the input. */
  avgPool: Window & { readonly size: Pair };
}

/** Height and width. */
export type Pair = readonly [number, number];

/** How a window moves over images `[batch, height, width, channels]`. */
export interface Window {
  readonly strides: Pair;
  /** Rows above and below, columns to the left and to the right. No window begins beyond them. */
  readonly paddings: readonly [Pair, Pair];
}

export interface ScanAttributes {
  readonly body: ScanBody;
  readonly length: number;
  /** How many operands are cut. */
  readonly cut: number;
  /** From the last cut to the first; the states lie in the order of the cuts all the same. */
  readonly reverse: boolean;
}

/** A step as a graph of its own: inputs `state`, `cut/0` …, `outer/0` …, result `state`. */
export interface ScanBody {
  readonly graph: Readonly<Record<'state', Value>>;
  /** The graph as text: equal bodies make one value. */
  toJSON(): string;
}

type Empty = Readonly<Record<string, never>>;
interface Reduction {
  readonly axes: readonly number[];
  readonly keepDimensions: boolean;
}

export type OpName = keyof OpAttributes;

/**
 * One operation and its result: the IR is a graph of these, in single static assignment by construction.
 * Every operation has one result, a static shape and a dtype.
 */
export type Value = { [Op in OpName]: ValueOf<Op> }[OpName];

export interface ValueOf<Op extends OpName> {
  readonly id: number;
  /** Which made it. */
  readonly builder: Builder;
  readonly op: Op;
  readonly operands: readonly Value[];
  readonly attributes: OpAttributes[Op];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Product of the axes. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** The values as they lie in memory: row-major, little-endian. */
export function bytesOf(data: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
