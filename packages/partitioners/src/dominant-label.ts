import { definePartitioner, FedxError } from '@fedx/core';
import { assertEnoughImages, countLabels } from './label-counts.js';

/**
 * Every client has one dominant label and a little of all others: the split of Lee, Bang, Baek and Kim 2023
 * ("Federated learning of Non-IID MNIST data", Table 1).
 *
 * Client k's dominant label is k mod classes. Of the n images of a label, every client for which it is not dominant
 * gets ceil((1 - dominantShare) / others * n), where `others` is the number of those clients, and the clients for
 * which it is dominant divide the rest evenly. With 10 clients, 10 labels and share 0.55 that is the paper's split:
 * ceil(5 %) to each of nine clients, the rest to one.
 *
 * - `dominantShare` is a share of the label, not of the client: with labels of unequal size, a client's own largest
 *   share differs from it (52 to 58 % in the paper's split of MNIST).
 * - More clients than labels: clients k, k + classes, k + 2 classes … divide the dominant share of a label.
 * - Fewer: a label without a dominant client is spread evenly over all.
 * - A label with too few images for those ceilings: the others together get (1 - dominantShare) of it, rounded.
 * - Images left over when a number is spread evenly go one each to the clients in turn, label after label.
 *
 * Every image is used exactly once. Throws FEDX_PARTITION_IMPOSSIBLE for more clients than images, and for a label
 * without images.
 */
export const dominantLabel = definePartitioner({
  name: 'dominant-label',
  options: {
    type: 'object',
    description: 'Every client has one dominant label and a little of all others (Lee et al. 2023).',
    additionalProperties: false,
    required: ['clients', 'dominantShare'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients, at most as many as images.' },
      dominantShare: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        description:
          'Share of each label (not of each client), 0 to 1, that goes to the client, or clients, for which it is dominant.',
      },
    },
  },
  partition({ clients, dominantShare }, { labels, classes }) {
    assertEnoughImages(clients, labels.length);
    const quotas = Array.from({ length: clients }, () => Array<number>(classes).fill(0));
    let next = 0;

    countLabels(labels, classes).forEach((images, label) => {
      if (images === 0) {
        throw new FedxError(
          'FEDX_PARTITION_IMPOSSIBLE',
          `Label ${label} has no images, so it can be no client's dominant label.`,
          {
            hint: 'Use a dataset that has images of every label, or another partitioner.',
          },
        );
      }
      const isDominant = (client: number) => client % classes === label;
      const circle = Array.from({ length: clients }, (_, step) => (next + step) % clients);
      const dominant = circle.filter(isDominant);
      const others = circle.filter((client) => !isDominant(client));
      const toOthers = shareOfOthers(images, dominantShare, dominant.length, others.length);

      deal(quotas, label, images - toOthers, dominant);
      const last = deal(quotas, label, toOthers, others);
      if (last !== undefined) next = (last + 1) % clients;
    });
    return { quotas };
  },
});

/** How many of a label's images go to the clients for which it is not dominant, all together. */
function shareOfOthers(images: number, dominantShare: number, dominant: number, others: number): number {
  if (dominant === 0) return images;
  if (others === 0) return 0;
  const ceilings = others * ceiling(((1 - dominantShare) / others) * images);
  return ceilings <= images ? ceilings : images - Math.round(dominantShare * images);
}

/**
 * Math.ceil, except that 3.0000000000000004 is 3: most shares have no exact float64 (1 - 0.7 is 0.30000000000000004),
 * so that a product that should be whole may come out a rounding error above. Two shares that differ by less than 1e-12 mean the same.
 */
function ceiling(x: number): number {
  return Math.ceil(x * (1 - 1e-12));
}

/**
 * Gives `amount` images of `label` to `clients` evenly; those left over go one each to the first of them.
 * Returns the last client that got such a one.
 */
function deal(
  quotas: readonly number[][],
  label: number,
  amount: number,
  clients: readonly number[],
): number | undefined {
  const each = Math.floor(amount / clients.length);
  const left = amount % clients.length;
  clients.forEach((client, position) => {
    const quota = quotas[client];
    if (quota !== undefined) quota[label] = each + (position < left ? 1 : 0);
  });
  return clients[left - 1];
}
