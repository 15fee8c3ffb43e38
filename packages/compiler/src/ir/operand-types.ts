import { CompileError } from '../compile-error.js';
import type { DType, OpName, Value } from './value.js';

/** An operation was given operands of types that it does not take. */
export class OperandTypeError extends CompileError {
  constructor(op: OpName, operands: readonly Value[]) {
    super('COMPILE_INVALID', `${op} does not take operands of ${operands.map(({ dtype }) => dtype).join(', ')}.`);
    this.name = 'OperandTypeError';
  }
}

type Takes = (operands: readonly Value[]) => boolean;

const isSame: Takes = (operands) => operands.every(({ dtype }) => dtype === operands[0]?.dtype);
const all =
  (type: DType): Takes =>
  (operands) =>
    operands.every(({ dtype }) => dtype === type);

const [float, integers, booleans] = [all('float32'), all('int32'), all('bool')];
const numbers: Takes = (operands) => float(operands) || integers(operands);
const ids: Takes = ([, second]) => second?.dtype === 'int32';

/** What all engines have kernels for. Operations that are not here move elements of any type. */
const taken: Readonly<Partial<Record<OpName, Takes>>> = {
  neg: numbers,
  abs: numbers,
  sign: numbers,
  exp: float,
  log: float,
  sqrt: float,
  reciprocal: float,
  floor: float,
  ceil: float,
  round: float,
  sin: float,
  cos: float,
  tan: float,
  asin: float,
  acos: float,
  atan: float,
  sinh: float,
  cosh: float,
  asinh: float,
  acosh: float,
  atanh: float,
  erf: float,
  relu: numbers,
  sigmoid: float,
  tanh: float,
  softplus: float,
  softmax: float,
  logSoftmax: float,
  not: booleans,
  and: booleans,
  or: booleans,
  add: numbers,
  sub: numbers,
  mul: numbers,
  div: numbers,
  max: numbers,
  min: numbers,
  pow: float,
  mod: numbers,
  equal: isSame,
  greater: numbers,
  greaterEqual: numbers,
  less: numbers,
  lessEqual: numbers,
  select: ([condition, ...branches]) => condition?.dtype === 'bool' && numbers(branches),
  matmul: float,
  gemm: float,
  reduceSum: numbers,
  reduceMax: numbers,
  reduceMin: numbers,
  reduceMean: float,
  reduceProd: numbers,
  argMax: numbers,
  concat: isSame,
  pad: numbers,
  gather: ids,
  window: ids,
  oneHot: integers,
  segmentSum: (operands) => operands[0]?.dtype === 'float32' && ids(operands),
  conv2d: float,
  conv2dInputGradient: float,
  conv2dFilterGradient: float,
  depthwiseConv2d: float,
  depthwiseConv2dInputGradient: float,
  depthwiseConv2dFilterGradient: float,
  maxPool: float,
  maxPoolGradient: float,
  avgPool: float,
};

/** Throws OperandTypeError. */
export function checkOperandTypes(op: OpName, operands: readonly Value[]): void {
  if (taken[op]?.(operands) === false) throw new OperandTypeError(op, operands);
}
