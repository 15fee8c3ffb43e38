import { definePartitioner, FedxError, type PartitionRequest } from '@fedx/core';
import { assertEnoughImages, countLabels } from './label-counts.js';

/**
 * Every client is a random sample of the whole: all examples in random order, cut into `clients` equal parts
 * (the first parts get one more each where that does not come out even), or into parts of the given `sizes`.
 * McMahan et al. 2017 (arXiv 1602.05629), section 3: "IID, where the data is shuffled".
 *
 * Every image is used exactly once. Throws FEDX_PARTITION_IMPOSSIBLE for more clients than images, for sizes that do
 * not sum to the number of images, and unless exactly one of `clients` and `sizes` is given.
 */
export const iid = definePartitioner({
  name: 'iid',
  options: {
    type: 'object',
    description: 'Every client is a random sample of the whole (McMahan et al. 2017, section 3).',
    additionalProperties: false,
    properties: {
      clients: {
        type: 'integer',
        minimum: 1,
        description: 'Number of clients, all of the same size. Either this or sizes.',
      },
      sizes: {
        type: 'array',
        minItems: 1,
        items: { type: 'integer', minimum: 1, description: 'Images of one client.' },
        description:
          'Images of each client, test and validation images included; together all that there are. Either this or clients.',
      },
    },
  },
  partition({ clients, sizes }, request) {
    const parts = sizes ?? equalSizes(clients, request);
    if (sizes !== undefined) assertUsable(clients, sizes, request);
    const shuffled = request.random.shuffle(Uint32Array.from(request.labels));
    let start = 0;
    const quotas = parts.map((size) => {
      const part = shuffled.subarray(start, start + size);
      start += size;
      return countLabels(part, request.classes);
    });
    return { quotas };
  },
});

function equalSizes(clients: number | undefined, { labels }: PartitionRequest): number[] {
  if (clients === undefined)
    throw impossible(
      'The iid partitioner needs to know the number of clients.',
      'Give partition.clients, or partition.sizes.',
    );
  assertEnoughImages(clients, labels.length);
  const each = Math.floor(labels.length / clients);
  return Array.from({ length: clients }, (_, client) => each + (client < labels.length % clients ? 1 : 0));
}

function assertUsable(clients: number | undefined, sizes: readonly number[], { labels }: PartitionRequest): void {
  if (clients !== undefined)
    throw impossible(
      'The iid partitioner takes clients or sizes, not both.',
      'Remove partition.clients or partition.sizes.',
    );
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum === labels.length) return;
  throw impossible(
    `The sizes of the clients sum to ${sum}, but there are ${labels.length} images to share.`,
    'Make partition.sizes sum to the number of images.',
  );
}

function impossible(message: string, hint: string): FedxError {
  return new FedxError('FEDX_PARTITION_IMPOSSIBLE', message, { hint });
}
