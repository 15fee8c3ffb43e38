import { defineAttack } from '@fedx/core';
import { fill } from '../fill.js';

/** Attackers send normal noise of mean zero (Blanchard, El Mhamdi, Guerraoui and Stainer 2017, section 5: "Gaussian"). */
export const gaussianAttack = defineAttack({
  name: 'gaussian',
  options: {
    type: 'object',
    description: 'Attackers send normal noise.',
    additionalProperties: false,
    required: ['deviation'],
    properties: {
      deviation: { type: 'number', exclusiveMinimum: 0, description: 'Standard deviation of each value that is sent.' },
    },
  },
  create: ({ deviation }) => ({
    forge: ({ honest, random }) =>
      honest.map(({ client, sent }) => {
        const stream = random.at(client);
        return fill(sent, () => deviation * stream.normal());
      }),
  }),
});
