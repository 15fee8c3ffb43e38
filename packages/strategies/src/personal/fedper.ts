import { defineStrategy, parameters as p } from '@fedx/core';

/**
 * FedPer (Arivazhagan, Aggarwal, Singh and Choudhary 2019, arXiv 1912.00818): the last layers stay with their client, the
 * others are averaged. A layer is what stands before the last `/` of a parameter's name, e.g. `dense-2`.
 */
export const fedper = defineStrategy({
  name: 'fedper',
  options: {
    type: 'object',
    description: 'The last layers stay with their clients (Arivazhagan et al. 2019).',
    additionalProperties: false,
    properties: {
      personalLayers: {
        type: 'integer',
        minimum: 1,
        default: 1,
        description: 'K_P: how many layers, from the output on, are personal.',
      },
    },
  },
  create: ({ personalLayers }) => ({
    weights: 'examples',
    reads: 'mean',
    shared({ name }, parameters) {
      const layers = [...new Set(parameters.map((parameter) => layerOf(parameter.name)))];
      return !layers.slice(-personalLayers).includes(layerOf(name));
    },
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});

function layerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}
