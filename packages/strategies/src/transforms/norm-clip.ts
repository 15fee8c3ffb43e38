import { defineTransform, type Parameters, parameters as p } from '@fedx/core';

/** `sent * min(1, bound / |sent|)`: the Euclidean norm over all that is sent is at most `bound`. */
export function clipped(sent: Parameters, norm: number, bound: number): Parameters {
  return norm > bound ? p.scale(sent, bound / norm) : sent;
}

/** Scales down what is longer than `norm` (McMahan, Ramage, Talwar and Zhang 2018, arXiv 1710.06963, "flat clipping"). */
export const normClip = defineTransform({
  name: 'norm-clip',
  options: {
    type: 'object',
    description: 'Scales an update down to a Euclidean norm.',
    additionalProperties: false,
    required: ['norm'],
    properties: {
      norm: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'Largest Euclidean norm over all that a client sends.',
      },
    },
  },
  create: ({ norm }) => ({
    privacy: { role: 'clip' },
    apply: ({ sent, bytes }) => ({ sent: clipped(sent, p.norm(sent), norm), bytes, bound: norm }),
  }),
});
