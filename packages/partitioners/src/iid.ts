import { definePartitioner } from '@fedx/core';
import { equalSizes, sum } from './client-sizes.js';
import { impossible } from './impossible.js';
import { sampleAtRandom } from './random-sample.js';

/**
 * Every client is a random sample of the whole: all examples in random order, cut into `clients` equal parts
 * (the first parts get one more each where that does not come out even), or into parts of the given `sizes`.
 * McMahan et al. 2017 (arXiv 1602.05629), section 3: "IID, where the data is shuffled".
 *
 * Every image is used exactly once. Throws FEDX_PARTITION_IMPOSSIBLE for more clients than images, and for sizes that
 * do not sum to the number of images.
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
    oneOf: [
      { properties: { clients: { type: 'integer' } }, required: ['clients'] },
      { properties: { sizes: { type: 'array' } }, required: ['sizes'] },
    ],
  },
  partition({ clients, sizes }, request) {
    const images = request.labels.length;
    if (sizes !== undefined) assertComplete(sizes, images);
    // The schema lets the spec give one of the two.
    return { quotas: sampleAtRandom(request, sizes ?? equalSizes(clients ?? 1, images)) };
  },
});

function assertComplete(sizes: readonly number[], images: number): void {
  const total = sum(sizes);
  if (total === images) return;
  throw impossible(
    `The sizes of the clients sum to ${total}, but there are ${images} images to share.`,
    'Make partition.sizes sum to the number of images.',
  );
}
