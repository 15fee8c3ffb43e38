import { definePartitioner } from '@fedx/core';
import { impossible } from './impossible.js';

/**
 * Clients as they are in nature: every group of the dataset is a client, with exactly its own examples. What the groups
 * are is the dataset's to say: the `client` column of csv, the clients of synthetic. The partition by writer of LEAF's
 * FEMNIST (Caldas et al. 2018, arXiv 1812.01097) is of this kind.
 *
 * Clients are in the order of the groups; those with fewer than `minimumExamples` (default 1, holdouts included) are
 * left out, and their examples with them. Nothing is drawn.
 *
 * Throws FEDX_PARTITION_IMPOSSIBLE for a dataset without groups, and where no group is large enough.
 */
export const byColumn = definePartitioner({
  name: 'by-column',
  options: {
    type: 'object',
    description: 'Every group of the dataset is a client, with exactly its own examples.',
    additionalProperties: false,
    properties: {
      minimumExamples: {
        type: 'integer',
        minimum: 1,
        default: 1,
        description: 'Groups with fewer examples, holdouts included, are left out.',
      },
    },
  },
  partition({ minimumExamples }, { groups }) {
    if (groups === undefined)
      throw impossible(
        'The dataset does not say whose example each one is, so by-column has nothing to go by.',
        'Name the column in dataset.client of a csv dataset, or use another partitioner. A part of a mixture cannot be by-column.',
      );
    const sizes = new Uint32Array(groups.names.length);
    for (let row = 0; row < groups.of.length; row++) {
      const group = groups.of[row] ?? 0;
      sizes[group] = (sizes[group] ?? 0) + 1;
    }
    const members = Array.from(sizes, (size) => new Uint32Array(size >= minimumExamples ? size : 0));
    const filled = new Uint32Array(groups.names.length);
    for (let row = 0; row < groups.of.length; row++) {
      const group = groups.of[row] ?? 0;
      const rows = members[group];
      if (rows === undefined || rows.length === 0) continue;
      rows[filled[group] ?? 0] = row;
      filled[group] = (filled[group] ?? 0) + 1;
    }
    const examples = members.filter((rows) => rows.length > 0);
    if (examples.length === 0)
      throw impossible(
        `None of ${groups.names.length} groups has ${minimumExamples} examples.`,
        'Lower partition.minimumExamples.',
      );
    return { examples };
  },
});
