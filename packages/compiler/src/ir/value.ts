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
