/**
 * Algorithms that compute several outputs of a filter at once with fewer products than one for each output and tap:
 * the outputs are coefficients of a product of polynomials, which is a product number by number of the polynomials' values at
 * as many points as it has coefficients (Toom and Cook; Winograd, Arithmetic Complexity of Computations, 1980; for
 * convolutions Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016, section 4).
 */
export interface MinimalFilter {
  /** How many outputs are computed at once. */
  readonly outputs: number;
  readonly taps: number;
  /** How many products they take: `outputs + taps - 1`, as many as the inputs that the outputs see. */
  readonly points: number;
  /** Lavin and Gray's Aᵀ, `[outputs, points]`. */
  readonly ofProducts: Float32Array;
  /** Their G, `[points, taps]`. */
  readonly ofTaps: Float32Array;
  /** Their Bᵀ, `[points, points]`. */
  readonly ofInputs: Float32Array;
}

/**
 * Where the polynomials are taken, the point at infinity after them. Opposite and reciprocal points keep sums of their powers small:
 * Barabasz, Anderson, Soodhalter and Gregg, Error Analysis and Improving the Accuracy of Winograd Convolution for Deep
 * Neural Networks, ACM TOMS 2020. All differences and products of them are exact in float64.
 */
const POINTS = [0, 1, -1, 2, -1 / 2, -2, 1 / 2];

/** How many points there may be: with eight, errors are four to five times those of the plain sum. */
export const MOST_POINTS = POINTS.length + 1;

const made = new Map<string, MinimalFilter>();

/** F(outputs, taps). Both at least 1, together at most {@link MOST_POINTS} + 1. */
export function minimalFilter(outputs: number, taps: number): MinimalFilter {
  const key = `${outputs} ${taps}`;
  const known = made.get(key) ?? makeFilter(outputs, taps);
  made.set(key, known);
  return known;
}

function makeFilter(outputs: number, taps: number): MinimalFilter {
  const points = outputs + taps - 1;
  const finite = POINTS.slice(0, points - 1);
  const others = finite.map((_, i) => finite.filter((_point, j) => j !== i));
  const ofTaps = finite.map((point, i) => {
    const distance = (others[i] ?? []).reduce((product, other) => product * (point - other), 1);
    return powers(point, taps).map((power) => power / distance);
  });
  const values = [...finite.map((point) => powers(point, outputs)), powers(Infinity, outputs)];
  return {
    outputs,
    taps,
    points,
    ofProducts: Float32Array.from(
      { length: outputs * points },
      (_, i) => values[i % points]?.[Math.floor(i / points)] ?? 0,
    ),
    ofTaps: Float32Array.from([...ofTaps, powers(Infinity, taps)].flat()),
    ofInputs: Float32Array.from([...others, finite].flatMap((roots) => polynomial(roots, points))),
  };
}

/** 1, x, x² … as coefficients of a value at `x`; at infinity that is the last coefficient alone. */
function powers(x: number, length: number): number[] {
  const values = [1];
  for (let i = 1; i < length; i++) values.push((values[i - 1] ?? 1) * x);
  return x === Infinity ? values.map((_, i) => (i === length - 1 ? 1 : 0)) : values;
}

/** The first `length` coefficients of the product of all `x - root`, the constant one first. */
function polynomial(roots: readonly number[], length: number): number[] {
  const one: number[] = Array.from({ length }, (_, i) => (i === 0 ? 1 : 0));
  return roots.reduce((product, root) => product.map((factor, i) => (product[i - 1] ?? 0) - root * factor), one);
}
