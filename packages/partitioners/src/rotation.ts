import { definePartitioner, FedxError } from '@fedx/core';
import { innerSlot } from './inner-slot.js';
import { skewFurther } from './skew-further.js';

/**
 * Clients that hold their images differently: rotated MNIST and CIFAR of Ghosh, Chung, Yin and Ramchandran 2020 (IFCA,
 * arXiv 2006.04088, section 6). All images of client k, holdouts included, are turned by `angles[k mod length]` degrees
 * counter-clockwise; only right angles, so that pixels move and none is made up.
 *
 * Who has which images is up to `of`, such as iid; where `of` changes images too, it does so first. Inputs become
 * float32. Throws FEDX_PARTITION_IMPOSSIBLE for examples that are no square images `[side, side, channels]`, and what
 * `of` throws.
 */
export const rotation = definePartitioner({
  name: 'rotation',
  options: {
    type: 'object',
    description: 'Another partition whose clients hold their images turned by different angles (Ghosh et al. 2020).',
    additionalProperties: false,
    required: ['of'],
    properties: {
      of: innerSlot,
      angles: {
        type: 'array',
        minItems: 1,
        items: { type: 'integer', enum: [0, 90, 180, 270] },
        default: [0, 90, 180, 270],
        description: 'Degrees counter-clockwise, for the clients in turn.',
      },
    },
  },
  partition({ of, angles }, { labels, random, partition }) {
    return skewFurther(partition(of, { labels, random }), ({ values, shape, client }) => {
      const [side = 0, width = 0, channels = 1] = shape;
      if (side !== width || shape.length < 2 || shape.length > 3)
        throw new FedxError(
          'FEDX_PARTITION_IMPOSSIBLE',
          `Examples of shape [${shape.join(', ')}] are no square images, so they cannot be rotated.`,
          { place: { plugin: 'rotation' }, hint: 'Use a dataset of square images, or another partitioner.' },
        );
      const turns = (angles[client % angles.length] ?? 0) / 90;
      for (let turn = 0; turn < turns; turn++) turnLeft(values, side, channels);
    });
  },
});

/** Turns an image `[side, side, channels]` by 90 degrees counter-clockwise, in place: (row, column) to (side - 1 - column, row). */
function turnLeft(values: Float32Array, side: number, channels: number): void {
  const before = values.slice();
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      for (let channel = 0; channel < channels; channel++)
        values[((side - 1 - column) * side + row) * channels + channel] =
          before[(row * side + column) * channels + channel] ?? 0;
}
