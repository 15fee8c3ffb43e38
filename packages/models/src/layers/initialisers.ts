import type { ParameterTensor, Random } from '@fedx/core';

/** First values of a parameter of some shape. */
export type Initialiser = (random: Random, shape: readonly number[]) => ParameterTensor;

/** Inputs and outputs of each unit: a kernel is `[…window, inputs, outputs]`. */
function fans(shape: readonly number[]): { readonly inputs: number; readonly outputs: number; readonly size: number } {
  const window = shape.slice(0, -2).reduce((product, axis) => product * axis, 1);
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  return { inputs: window * inputs, outputs: window * outputs, size: window * inputs * outputs };
}

/** Uniform in ±sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, equation 16). */
export const glorotUniform: Initialiser = (random, shape) => {
  const { inputs, outputs, size } = fans(shape);
  const limit = Math.sqrt(6 / (inputs + outputs));
  return { shape, data: Float32Array.from({ length: size }, () => (2 * random.uniform() - 1) * limit) };
};

/** Normal with variance 2 / inputs (He et al. 2015, arXiv 1502.01852, equation 10). */
export const heNormal: Initialiser = (random, shape) => {
  const { inputs, size } = fans(shape);
  const deviation = Math.sqrt(2 / inputs);
  return { shape, data: Float32Array.from({ length: size }, () => random.normal() * deviation) };
};

/** The same value everywhere. */
export function filled(value: number): Initialiser {
  return (_, shape) => ({
    shape,
    data: new Float32Array(shape.reduce((product, axis) => product * axis, 1)).fill(value),
  });
}

/**
 * Rows of `[rows, columns]`, rows at most columns, that are orthonormal (Saxe, McClelland and Ganguli 2014): normal draws
 * through Gram and Schmidt, in float64.
 */
export const orthogonal: Initialiser = (random, shape) => {
  const [rows = 0, columns = 0] = shape;
  const basis: Float64Array[] = [];
  for (let r = 0; r < rows; r++) {
    const row = Float64Array.from({ length: columns }, () => random.normal());
    for (const other of basis) {
      const overlap = dot(row, other);
      for (let i = 0; i < columns; i++) row[i] = (row[i] ?? 0) - overlap * (other[i] ?? 0);
    }
    const length = Math.sqrt(dot(row, row));
    for (let i = 0; i < columns; i++) row[i] = (row[i] ?? 0) / length;
    basis.push(row);
  }
  const data = new Float32Array(rows * columns);
  basis.forEach((row, r) => {
    data.set(row, r * columns);
  });
  return { shape, data };
};

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
