import { defaultOrders, epsilonOf, renyiDivergence } from './rdp.js';

/** A mechanism that is repeated. */
export interface Mechanism {
  /** Probability with which a client takes part in a step, independently of the others; 1 where nothing is counted on. */
  readonly rate: number;
  /** Standard deviation of the noise, in sensitivities. */
  readonly noise: number;
  /** In (0, 1). */
  readonly delta: number;
}

/** Keeps account of what steps of a mechanism give away together. */
export interface Accountant {
  readonly delta: number;
  /** The epsilon of so many steps. */
  epsilon(steps: number): number;
}

/** Rényi divergences of steps add up (Mironov 2017, proposition 1), so that a step's is computed once. */
export function createAccountant({ rate, noise, delta }: Mechanism): Accountant {
  const divergence = renyiDivergence(rate, noise, defaultOrders);
  return {
    delta,
    epsilon: (steps) =>
      steps === 0
        ? 0
        : epsilonOf(
            divergence.map((value) => value * steps),
            delta,
          ),
  };
}
