/** How parameters start: keyed draws, the same for a seed on every machine. Kernels are `[…window, inputs, outputs]`. */
import type { ParameterTensor } from '../contracts/index.js';
import type { Random } from '../random/index.js';

/** First values of a parameter of some shape. */
export type Initialiser = (random: Random, shape: readonly number[]) => ParameterTensor;

/** Each value drawn by `draw`, one after the other. */
export function drawn(draw: (random: Random) => number): Initialiser {
  return (random, shape) => {
    // A loop: `Float32Array.from` makes a list first, and takes as long as the draws of eleven million weights.
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = draw(random);
    return { shape, data };
  };
}

/** The same value everywhere. */
export function filled(value: number): Initialiser {
  return (_, shape) => ({ shape, data: new Float32Array(sizeOf(shape)).fill(value) });
}

/** Variance `scale / n`, n being the inputs of a unit, its outputs, or their mean; what Keras calls VarianceScaling. */
export function varianceScaling(
  scale: number,
  mode: 'fanIn' | 'fanOut' | 'fanAvg',
  distribution: 'uniform' | 'normal' | 'truncatedNormal',
): Initialiser {
  return (random, shape) => {
    const window = sizeOf(shape.slice(0, -2));
    const [inputs, outputs] = [window * (shape.at(-2) ?? 1), window * (shape.at(-1) ?? 1)];
    const variance = scale / { fanIn: inputs, fanOut: outputs, fanAvg: (inputs + outputs) / 2 }[mode];
    const deviation = Math.sqrt(variance);
    const limit = Math.sqrt(3 * variance);
    const draws = {
      uniform: (stream: Random) => (2 * stream.uniform() - 1) * limit,
      normal: (stream: Random) => stream.normal() * deviation,
      truncatedNormal: (stream: Random) => truncated(stream) * deviation,
    };
    return drawn(draws[distribution])(random, shape);
  };
}

/** Uniform in ±sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, equation 16). */
export const glorotUniform = varianceScaling(1, 'fanAvg', 'uniform');

/** Normal with variance 2 / inputs (He et al. 2015, arXiv 1502.01852, equation 10). */
export const heNormal = varianceScaling(2, 'fanIn', 'normal');

/** Standard normal, drawn anew until it lies within two standard deviations. */
export function truncated(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** Ones where row and column are equal, times `gain`. */
export function identity(gain: number): Initialiser {
  return (_, shape) => {
    const columns = shape[1] ?? 0;
    return {
      shape,
      data: Float32Array.from({ length: sizeOf(shape) }, (_value, i) => gain * Number(i % (columns + 1) === 0)),
    };
  };
}

/**
 * A matrix of which the rows, or where there are more rows than columns the columns, are orthonormal, times `gain` (Saxe,
 * McClelland and Ganguli 2014): normal draws through Gram and Schmidt, in float64. Leading axes count as rows.
 */
export function orthogonal(gain = 1): Initialiser {
  return (random, shape) => {
    const columns = shape.at(-1) ?? 0;
    const rows = sizeOf(shape.slice(0, -1));
    const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
    const basis = orthonormal(random, count, length);
    const data = new Float32Array(rows * columns);
    basis.forEach((vector, v) => {
      for (let i = 0; i < length; i++)
        data[rows <= columns ? v * columns + i : i * columns + v] = gain * (vector[i] ?? 0);
    });
    return { shape, data };
  };
}

function orthonormal(random: Random, count: number, length: number): readonly Float64Array[] {
  const basis: Float64Array[] = [];
  for (let v = 0; v < count; v++) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of basis) {
      const overlap = dot(vector, other);
      for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? 0) - overlap * (other[i] ?? 0);
    }
    const size = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? 0) / size;
    basis.push(vector);
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
