import { definePartitioner, type PartitionRequest } from '@fedx/core';
import { equalSizes } from './client-sizes.js';
import { impossible } from './impossible.js';
import { sampleAtRandom } from './random-sample.js';

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
    if (sizes === undefined) return { quotas: sampleAtRandom(request, sizesOf(clients, request)) };
    assertUsable(clients, sizes, request);
    return { quotas: sampleAtRandom(request, sizes) };
  },
});

function sizesOf(clients: number | undefined, { labels }: PartitionRequest): number[] {
  if (clients === undefined)
    throw impossible(
      'The iid partitioner needs to know the number of clients.',
      'Give partition.clients, or partition.sizes.',
    );
  return equalSizes(clients, labels.length);
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
