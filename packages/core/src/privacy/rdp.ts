/**
 * Rényi differential privacy of the sampled Gaussian mechanism: a sum over a Poisson sample of rate q, with normal noise of
 * `noise` times the sum's sensitivity.
 *
 * - Mironov, Talwar and Zhang 2019, "Rényi differential privacy of the sampled Gaussian mechanism" (arXiv 1908.10530),
 *   section 3.3: the divergence of order alpha is log(A_alpha) / (alpha - 1), where
 *
 *       A_alpha = E_{z ~ N(0, noise^2)} [ (1 - q + q * exp((2 z - 1) / (2 noise^2)))^alpha ]
 *
 *   For an integer alpha it is a finite sum (equation 11; Wang, Balle and Kasiviswanathan 2019, arXiv 1808.00087, have the
 *   general form), for others the integral is computed as it stands.
 * - Canonne, Kamath and Steinke 2020 (arXiv 2004.00010), proposition 12, and Balle, Barthe, Gaboardi, Hsu and Sato 2020
 *   (arXiv 1905.09982), theorem 21: from Rényi divergence to (epsilon, delta).
 */
import { FedxError } from '../errors/index.js';

/** Orders that are tried: fine where little noise decides, and far up for strong privacy. */
export const defaultOrders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 53 }, (_, i) => 11 + i),
  ...[72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024],
];

/**
 * Divergence of one step at each order (each above 1): 0 without sampling, infinite without noise.
 * `rate` in [0, 1], `noise` at least 0. Throws FEDX_INTERNAL for other arguments.
 */
export function renyiDivergence(rate: number, noise: number, orders: readonly number[] = defaultOrders): Float64Array {
  if (!(rate >= 0 && rate <= 1 && noise >= 0 && orders.every((order) => order > 1)))
    throw new FedxError('FEDX_INTERNAL', `No Rényi divergence has rate ${rate} and noise ${noise}.`);
  return Float64Array.from(orders, (order) => {
    if (rate === 0) return 0;
    if (noise === 0) return Infinity;
    if (rate === 1) return order / (2 * noise * noise);
    const log = Number.isInteger(order) ? logOfSum(rate, noise, order) : logOfIntegral(rate, noise, order);
    // Rounding may leave a divergence of nearly nothing below zero.
    return Math.max(0, log) / (order - 1);
  });
}

/** The least epsilon for `delta` in (0, 1) over the orders of a divergence; at least 0. */
export function epsilonOf(divergence: Float64Array, delta: number, orders: readonly number[] = defaultOrders): number {
  let least = Infinity;
  for (const [i, order] of orders.entries()) {
    const epsilon =
      (divergence[i] ?? Infinity) + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    if (epsilon < least) least = epsilon;
  }
  return Math.max(0, least);
}

/** `log A` of an integer order: the sum over k of `C(order, k) (1 - q)^(order - k) q^k exp((k^2 - k) / (2 noise^2))`. */
function logOfSum(rate: number, noise: number, order: number): number {
  const terms = new Float64Array(order + 1);
  let logBinomial = 0;
  for (let k = 0; k <= order; k++) {
    terms[k] = logBinomial + k * Math.log(rate) + (order - k) * Math.log1p(-rate) + (k * k - k) / (2 * noise * noise);
    logBinomial += Math.log((order - k) / (k + 1));
  }
  return logSumExp(terms);
}

/**
 * `log A` by the trapezoidal rule, which converges geometrically for what is analytic in a strip: the integrand is, within
 * `pi * noise^2` of the real line. Its mass lies within a few standard deviations of 0 and of `order`.
 *
 * With little noise, which takes many points, it is its greatest part alone: with a and b the two summands of the base,
 * `E[b^alpha] = q^alpha exp((alpha^2 - alpha) / (2 noise^2))`, and `(a + b)^alpha - b^alpha <= alpha a (a + b)^(alpha - 1)` is
 * less than `alpha 2^alpha (1 + b^(alpha - 1))`: in relation to it, no more than `exp(-40)` where it is taken for the whole.
 */
function logOfIntegral(rate: number, noise: number, order: number): number {
  const greatest = order * Math.log(rate) + (order * order - order) / (2 * noise * noise);
  const lead = Math.min(greatest, (order - 1) / (noise * noise) + Math.log(rate));
  if (lead > 42 + order) return greatest;
  const step = Math.min(noise / 10, (noise * noise) / 2);
  const reach = 14 * noise;
  const points = Math.ceil((order + 2 * reach) / step);
  const logs = new Float64Array(points + 1);
  const variance = noise * noise;
  for (let i = 0; i <= points; i++) {
    const z = -reach + i * step;
    const ratio = (2 * z - 1) / (2 * variance) + Math.log(rate);
    const rest = Math.log1p(-rate);
    const high = Math.max(ratio, rest);
    const mixed = high + Math.log1p(Math.exp(Math.min(ratio, rest) - high));
    logs[i] = order * mixed - (z * z) / (2 * variance);
  }
  return logSumExp(logs) + Math.log(step) - Math.log(noise) - Math.log(2 * Math.PI) / 2;
}

function logSumExp(logs: Float64Array): number {
  let high = -Infinity;
  for (let i = 0; i < logs.length; i++) high = Math.max(high, logs[i] ?? high);
  let sum = 0;
  for (let i = 0; i < logs.length; i++) sum += Math.exp((logs[i] ?? high) - high);
  return high + Math.log(sum);
}
