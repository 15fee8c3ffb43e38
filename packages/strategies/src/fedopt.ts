/**
 * Adaptive federated optimization (Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar and McMahan 2021, arXiv
 * 2003.00295, algorithm 2): the mean update is the gradient of an optimizer at the server.
 *
 *     D_t = sum_k n_k / n * (w_k - w_t)
 *     m_t = beta1 * m_{t-1} + (1 - beta1) * D_t
 *     v_t = v_{t-1} + D_t^2                                            (fedadagrad)
 *     v_t = beta2 * v_{t-1} + (1 - beta2) * D_t^2                      (fedadam)
 *     v_t = v_{t-1} - (1 - beta2) * D_t^2 * sign(v_{t-1} - D_t^2)      (fedyogi)
 *     w_{t+1} = w_t + eta * m_t / (sqrt(v_t) + tau)
 *
 * m starts at 0, v at tau^2; there is no bias correction. Statistics, such as moving means, are averaged, not optimised.
 */
import { defineStrategy, type Parameters, parameters as p } from '@fedx/core';
import { splitRoles } from './roles.js';

interface Moments {
  readonly mean: Parameters;
  readonly square: Parameters;
}

type SecondMoment = (before: Parameters, squared: Parameters, beta2: number) => Parameters;

interface AdaptiveOptions {
  readonly serverLearningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly tau: number;
}

const decay = { type: 'number', minimum: 0, exclusiveMaximum: 1 } as const;

const options = {
  type: 'object',
  additionalProperties: false,
  properties: {
    serverLearningRate: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 0.01,
      description: 'eta: step size at the server.',
    },
    beta1: { ...decay, default: 0.9, description: 'Decay of the mean update.' },
    beta2: { ...decay, default: 0.99, description: 'Decay of the mean squared update.' },
    tau: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 0.001,
      description: 'Degree of adaptivity: larger is less adaptive.',
    },
  },
} as const;

function adaptive(name: string, rule: string, secondMoment: SecondMoment) {
  return defineStrategy({
    name,
    options: { ...options, description: `${rule} at the server, on the mean update (Reddi et al. 2021).` },
    create: (chosen: AdaptiveOptions) => ({
      weights: 'examples',
      reads: 'mean',
      init: ({ global, parameters }): Moments => {
        const { weights } = splitRoles(global, parameters);
        return { mean: p.zerosLike(weights), square: p.shift(p.zerosLike(weights), chosen.tau ** 2) };
      },
      aggregate({ global, state, updates, parameters }) {
        const { weights, statistics } = splitRoles(updates.mean(), parameters);
        const { beta1, beta2, serverLearningRate, tau } = chosen;
        const mean = p.add(p.scale(state.mean, beta1), p.scale(weights, 1 - beta1));
        const square = secondMoment(state.square, p.multiply(weights, weights), beta2);
        const step = p.scale(p.divide(mean, p.shift(p.sqrt(square), tau)), serverLearningRate);
        return { global: p.add(global, { ...statistics, ...step }), state: { mean, square } };
      },
    }),
  });
}

/** FedAdagrad; see {@link adaptive} for the equations. */
export const fedadagrad = adaptive('fedadagrad', 'Adagrad', (before, squared) => p.add(before, squared));

/** FedAdam. */
export const fedadam = adaptive('fedadam', 'Adam', (before, squared, beta2) =>
  p.add(p.scale(before, beta2), p.scale(squared, 1 - beta2)),
);

/** FedYogi. */
export const fedyogi = adaptive('fedyogi', 'Yogi', (before, squared, beta2) =>
  p.subtract(before, p.scale(p.multiply(squared, p.sign(p.subtract(before, squared))), 1 - beta2)),
);
