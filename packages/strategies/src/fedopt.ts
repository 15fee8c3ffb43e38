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
 * m starts at 0, v at tau^2; there is no bias correction. beta1 is 0.9 by default, and 0 for fedadagrad, as in appendix D.
 * Statistics, such as moving means, are averaged, not optimised.
 */
import { defineStrategy, type Parameters, parameters as p, type Strategy } from '@fedx/core';
import { splitRoles } from './roles.js';

interface Moments {
  readonly mean: Parameters;
  readonly square: Parameters;
}

interface Chosen {
  readonly serverLearningRate: number;
  readonly beta1: number;
  readonly tau: number;
}

/** v_t of v_{t-1} and D_t^2. */
type SecondMoment = (before: Parameters, squared: Parameters) => Parameters;

const decay = { type: 'number', minimum: 0, exclusiveMaximum: 1 } as const;
const beta1 = { ...decay, description: 'Decay of the mean update.' } as const;
const beta2 = { ...decay, default: 0.99, description: 'Decay of the mean squared update.' } as const;
const serverLearningRate = {
  type: 'number',
  exclusiveMinimum: 0,
  default: 0.01,
  description: 'eta: step size at the server.',
} as const;
const tau = {
  type: 'number',
  exclusiveMinimum: 0,
  default: 0.001,
  description: 'Degree of adaptivity: larger is less adaptive.',
} as const;

function adaptive({ serverLearningRate: eta, beta1: kept, tau: least }: Chosen, secondMoment: SecondMoment) {
  return {
    weights: 'examples',
    reads: 'mean',
    init: ({ global, parameters }): Moments => {
      const { weights } = splitRoles(global, parameters);
      return { mean: p.zerosLike(weights), square: p.shift(p.zerosLike(weights), least ** 2) };
    },
    aggregate({ global, state, updates, parameters }) {
      const { weights, statistics } = splitRoles(updates.mean(), parameters);
      const mean = p.add(p.scale(state.mean, kept), p.scale(weights, 1 - kept));
      const square = secondMoment(state.square, p.multiply(weights, weights));
      const step = p.scale(p.divide(mean, p.shift(p.sqrt(square), least)), eta);
      return { global: p.add(global, { ...statistics, ...step }), state: { mean, square } };
    },
  } satisfies Strategy<Moments>;
}

export const fedadagrad = defineStrategy({
  name: 'fedadagrad',
  options: {
    type: 'object',
    description: 'Adagrad at the server, on the mean update (Reddi et al. 2021).',
    additionalProperties: false,
    properties: { serverLearningRate, beta1: { ...beta1, default: 0 }, tau },
  },
  create: (chosen) => adaptive(chosen, p.add),
});

export const fedadam = defineStrategy({
  name: 'fedadam',
  options: {
    type: 'object',
    description: 'Adam at the server, on the mean update (Reddi et al. 2021).',
    additionalProperties: false,
    properties: { serverLearningRate, beta1: { ...beta1, default: 0.9 }, beta2, tau },
  },
  create: (chosen) =>
    adaptive(chosen, (before, squared) => p.add(p.scale(before, chosen.beta2), p.scale(squared, 1 - chosen.beta2))),
});

export const fedyogi = defineStrategy({
  name: 'fedyogi',
  options: {
    type: 'object',
    description: 'Yogi at the server, on the mean update (Reddi et al. 2021).',
    additionalProperties: false,
    properties: { serverLearningRate, beta1: { ...beta1, default: 0.9 }, beta2, tau },
  },
  create: (chosen) =>
    adaptive(chosen, (before, squared) => {
      const towards = p.sign(p.subtract(before, squared));
      return p.subtract(before, p.scale(p.multiply(squared, towards), 1 - chosen.beta2));
    }),
});
