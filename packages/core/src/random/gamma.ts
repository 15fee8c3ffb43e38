import { FedxError } from '../errors/index.js';

/** What gamma variates are made of. */
export interface GammaSource {
  /** Uniform in `[0, 1)`. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * The logarithm of a gamma variate of the given shape (above 0) and scale 1: Marsaglia and Tsang 2000, "A simple method
 * for generating gamma variables", and below shape 1 their section 6, gamma(a) = gamma(a + 1) * U^(1/a).
 * The logarithm, since a variate of shape 1e-9 is below any float64 and still larger or smaller than another such.
 */
export function logGamma(shape: number, { uniform, normal }: GammaSource): number {
  if (!(shape > 0 && shape < Infinity))
    throw new FedxError('FEDX_PLUGIN_FAILED', `A gamma variate needs a shape above 0, not ${shape}.`);
  if (shape < 1) return logGamma(shape + 1, { uniform, normal }) + Math.log(1 - uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - uniform()) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return Math.log(d * v);
  }
}

/** Alphas up to here give one share of 1, as often as their proportions say; the logarithms of smaller ones overflow. */
const SMALLEST_ALPHA = 1e-300;

/**
 * Shares that sum to 1 from Dirichlet(`alphas`), each above 0: gamma variates over their sum. Taken from logarithms, so
 * that alphas near 0 give one share of 1, the limit, and not 0/0. A share below any float64 is 0.
 */
export function drawDirichlet(alphas: readonly number[], source: GammaSource): number[] {
  const largestAlpha = alphas.reduce((max, alpha) => Math.max(max, alpha), Number.MIN_VALUE);
  const scale = Math.max(1, SMALLEST_ALPHA / largestAlpha);
  const logs = alphas.map((alpha) => logGamma(alpha * scale, source));
  const largest = logs.reduce((max, log) => Math.max(max, log), -Infinity);
  const variates = logs.map((log) => Math.exp(log - largest));
  const sum = variates.reduce((total, variate) => total + variate, 0);
  return variates.map((variate) => variate / sum);
}
