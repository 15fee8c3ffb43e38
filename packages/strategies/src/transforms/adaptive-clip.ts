import { defineTransform, parameters as p, type TransformCall, type TransformRound } from '@fedx/core';
import { clipped } from './norm-clip.js';

/** What the server tells clients. */
interface Server {
  readonly bound: number;
}

/**
 * Clips by a norm that follows a quantile of the clients' norms (Andrew, Thakkar, McMahan and Ramaswamy 2021, arXiv 1905.03871,
 * algorithm 1). Each client reports whether it lay within the bound C, as b_i - 1/2, and the server moves it:
 *
 *     b = 1/2 + (sum_i (b_i - 1/2) + N(0, sigma_b^2)) / n;   C = C * exp(-eta * (b - gamma))
 *
 * n is the number of updates that came.
 */
export const adaptiveClip = defineTransform({
  name: 'adaptive-clip',
  options: {
    type: 'object',
    description: 'Scales updates down to a norm that follows a quantile of the clients.',
    additionalProperties: false,
    properties: {
      initial: { type: 'number', exclusiveMinimum: 0, default: 0.1, description: 'C of round 1.' },
      quantile: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.5,
        description: 'gamma: the share of clients to be within the bound.',
      },
      rate: { type: 'number', exclusiveMinimum: 0, default: 0.2, description: 'eta: how fast the bound follows.' },
      countNoise: {
        type: 'number',
        minimum: 0,
        default: 0,
        description: 'sigma_b: standard deviation of the noise on the count of clients within the bound.',
      },
    },
  },
  create: ({ initial, quantile, rate, countNoise }) => ({
    privacy: { role: 'clip', countNoise },
    init: () => ({ bound: initial }),
    apply({ sent, bytes, server: { bound } }: TransformCall<undefined, Server>) {
      const norm = p.norm(sent);
      return { sent: clipped(sent, norm, bound), bytes, bound, note: norm <= bound ? 1 : 0 };
    },
    next({ server, notes, random }: TransformRound<Server>) {
      const centred = notes.reduce((sum, note) => sum + note - 0.5, 0) + countNoise * random.normal();
      const within = 0.5 + centred / notes.length;
      const bound = server.bound * Math.exp(-rate * (within - quantile));
      return { server: { bound }, log: { 'clip-bound': server.bound, 'clip-within': within } };
    },
  }),
});
