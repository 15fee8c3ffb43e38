import { FedxError } from '../errors/index.js';

/**
 * Quantile of Student's t distribution: the `t` with `P(T <= t) = probability`, for a probability in (0, 1) and a whole
 * number of degrees of freedom from 1. Found by bisection of the angle `atan(t / sqrt(degrees))`.
 * Throws FEDX_INTERNAL for other arguments.
 */
export function studentsTQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1) || !Number.isSafeInteger(degrees) || degrees < 1) {
    throw new FedxError(
      'FEDX_INTERNAL',
      `Student's t has no quantile ${probability} with ${degrees} degrees of freedom.`,
    );
  }
  const central = Math.abs(2 * probability - 1);
  let low = 0;
  let high = Math.PI / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (centralProbability(middle, degrees) < central) low = middle;
    else high = middle;
  }
  return Math.sign(probability - 0.5) * Math.sqrt(degrees) * Math.tan(low);
}

/** `P(|T| >= |t|)`: the two-sided p-value of a statistic with Student's t distribution of `degrees` >= 1, a whole number. */
export function studentsTwoSided(t: number, degrees: number): number {
  return Math.max(0, 1 - centralProbability(Math.atan(Math.abs(t) / Math.sqrt(degrees)), degrees));
}

/**
 * `P(|T| <= t)` with `angle = atan(t / sqrt(degrees))`: the finite series for whole degrees of freedom
 * (Abramowitz and Stegun 1964, equations 26.7.3 and 26.7.4).
 */
function centralProbability(angle: number, degrees: number): number {
  const odd = degrees % 2 === 1;
  const cosine = Math.cos(angle);
  let term = odd ? cosine : 1;
  let sum = 0;
  for (let power = odd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term;
    term *= (cosine * cosine * (power + 1)) / (power + 2);
  }
  const series = Math.sin(angle) * sum;
  return odd ? (2 / Math.PI) * (angle + series) : series;
}
