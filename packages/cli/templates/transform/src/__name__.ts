import { defineTransform, parameters as p } from '@fedx/core';

/** Scales down what is longer than `norm` (McMahan, Ramage, Talwar and Zhang 2018, arXiv 1710.06963, "flat clipping"). */
export default defineTransform({
  name: '__name__',
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
    apply({ sent, bytes }) {
      const length = p.norm(sent);
      return { sent: length > norm ? p.scale(sent, norm / length) : sent, bytes, bound: norm };
    },
  }),
});
