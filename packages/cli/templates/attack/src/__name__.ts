import { defineAttack, parameters as p } from '@fedx/core';

/** Attackers send `-factor` times their honest update (Li, Xu, Chen, Giannakis and Ling 2019, arXiv 1811.03761, section 5). */
export default defineAttack({
  name: '__name__',
  options: {
    type: 'object',
    description: 'Attackers send the opposite of their update.',
    additionalProperties: false,
    properties: { factor: { type: 'number', exclusiveMinimum: 0, default: 1, description: 'How much is sent back.' } },
  },
  create: ({ factor }) => ({ forge: ({ honest }) => honest.map(({ sent }) => p.scale(sent, -factor)) }),
});
