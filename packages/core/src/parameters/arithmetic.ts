import type { Parameters, ParameterTensor } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/** Parameters of the same names and shapes, each value `f` of the operands' values, rounded to float32. */
function zip(operation: string, a: Parameters, b: Parameters, f: (x: number, y: number) => number): Parameters {
  assertSameShapes(operation, a, b);
  return mapTensors(a, (tensor, name) => {
    const other = b[name]?.data ?? new Float32Array();
    const data = new Float32Array(tensor.data.length);
    for (let i = 0; i < data.length; i++) data[i] = f(tensor.data[i] ?? 0, other[i] ?? 0);
    return data;
  });
}

function map(a: Parameters, f: (x: number) => number): Parameters {
  return mapTensors(a, (tensor) => tensor.data.map(f));
}

function mapTensors(a: Parameters, f: (tensor: ParameterTensor, name: string) => Float32Array): Parameters {
  return Object.fromEntries(Object.entries(a).map(([name, tensor]) => [name, { shape: tensor.shape, data: f(tensor, name) }]));
}

/** `a + b`. */
export function add(a: Parameters, b: Parameters): Parameters {
  return zip('add', a, b, (x, y) => x + y);
}

/** `a - b`. */
export function subtract(a: Parameters, b: Parameters): Parameters {
  return zip('subtract', a, b, (x, y) => x - y);
}

/** Element by element `a * b`. */
export function multiply(a: Parameters, b: Parameters): Parameters {
  return zip('multiply', a, b, (x, y) => x * y);
}

/** `factor * a`. */
export function scale(a: Parameters, factor: number): Parameters {
  return map(a, (x) => x * factor);
}

/** Zeros of the same names and shapes. */
export function zerosLike(a: Parameters): Parameters {
  return mapTensors(a, (tensor) => new Float32Array(tensor.data.length));
}

/** A copy that shares no memory. */
export function clone(a: Parameters): Parameters {
  return mapTensors(a, (tensor) => tensor.data.slice());
}

/** Inner product over all tensors, summed in float64. */
export function dot(a: Parameters, b: Parameters): number {
  assertSameShapes('dot', a, b);
  let sum = 0;
  for (const [name, { data }] of Object.entries(a)) {
    const other = b[name]?.data ?? new Float32Array();
    for (let i = 0; i < data.length; i++) sum += (data[i] ?? 0) * (other[i] ?? 0);
  }
  return sum;
}

/** Euclidean norm over all tensors. */
export function norm(a: Parameters): number {
  return Math.sqrt(dot(a, a));
}

/** Whether every value is finite. */
export function isFinite(a: Parameters): boolean {
  return Object.values(a).every(({ data }) => data.every(Number.isFinite));
}

/** Number of scalar values. */
export function count(a: Parameters): number {
  return Object.values(a).reduce((sum, { data }) => sum + data.length, 0);
}

/**
 * `sum_k weights[k] / sum(weights) * items[k]`, accumulated in float32 in the order of `items`.
 * Throws FEDX_PLUGIN_FAILED where weights are negative, not finite, or sum to zero.
 */
export function weightedMean(items: readonly Parameters[], weights: readonly number[]): Parameters {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const [first] = items;
  if (first === undefined || !(total > 0) || !Number.isFinite(total) || weights.some((weight) => weight < 0)) {
    throw new FedxError('FEDX_PLUGIN_FAILED', `A weighted mean needs weights of at least 0 with a positive sum, got [${weights.join(', ')}].`);
  }
  const mean = zerosLike(first);
  items.forEach((item, k) => {
    assertSameShapes('weightedMean', first, item);
    const factor = (weights[k] ?? 0) / total;
    for (const [name, { data }] of Object.entries(mean)) {
      const values = item[name]?.data ?? new Float32Array();
      for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + factor * (values[i] ?? 0);
    }
  });
  return mean;
}

function assertSameShapes(operation: string, a: Parameters, b: Parameters): void {
  const describe = (p: Parameters) => Object.entries(p).map(([name, { shape }]) => `${name}[${shape.join(',')}]`).sort().join(' ');
  if (Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, { shape }]) => b[name] && sameShape(shape, b[name].shape))) return;
  throw new FedxError('FEDX_PLUGIN_FAILED', `parameters.${operation} needs equal names and shapes: ${describe(a)} against ${describe(b)}.`);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
