import { definePartitioner, FedxError } from '@fedx/core';

/** Every client gets a random sample: the examples in random order, dealt out one by one. */
export default definePartitioner({
  name: '__name__',
  options: {
    type: 'object',
    description: 'Every client gets a random sample of the same size.',
    additionalProperties: false,
    required: ['clients'],
    properties: { clients: { type: 'integer', minimum: 1, description: 'Number of clients.' } },
  },
  partition: ({ clients }, { labels, random }) => {
    if (clients > labels.length) {
      const message = `${clients} clients cannot share ${labels.length} examples.`;
      throw new FedxError('FEDX_PARTITION_IMPOSSIBLE', message);
    }
    const order = random.shuffle(Uint32Array.from(labels.keys()));
    const examples = Array.from({ length: clients }, (_, client) =>
      order.filter((_example, position) => position % clients === client),
    );
    return { examples };
  },
});
