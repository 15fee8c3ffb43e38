import { defineAttack, parameters as p } from '@fedx/core';
import { mirrored } from './label-flip.js';

/**
 * Model replacement (Bagdasaryan, Veit, Hua, Estrin and Shmatikov 2020, arXiv 1807.00459, equation 3): attackers train on
 * mirrored labels and send `gamma * (x - g)`, so that the mean over n updates, the honest ones near zero, becomes their model:
 * with a server step of 1, gamma = n, shared among the attackers of the round.
 */
export const scaledReplacement = defineAttack({
  name: 'scaled-replacement',
  options: {
    type: 'object',
    description: 'Attackers train on mirrored labels and scale their update up, to replace the global model.',
    additionalProperties: false,
    properties: {
      factor: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'gamma; default: the updates of the round over those of its attackers.',
      },
    },
  },
  create: ({ factor }) => ({
    relabel: mirrored,
    forge: ({ honest, updates }) => honest.map(({ sent }) => p.scale(sent, factor ?? updates / honest.length)),
  }),
});
