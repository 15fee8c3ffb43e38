import { defineSampler } from '@fedx/core';

/** So many clients a round, each equally likely (C * K in McMahan et al. 2017, arXiv 1602.05629, Algorithm 1). */
export default defineSampler({
  name: '__name__',
  options: {
    type: 'object',
    description: 'So many clients a round, each equally likely.',
    additionalProperties: false,
    required: ['clients'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Clients a round; all where there are fewer.' },
    },
  },
  sample: ({ clients }, { examples, random }) => {
    const everyone = random.shuffle(Uint32Array.from(examples.keys()));
    return [...everyone.slice(0, clients).sort()];
  },
});
