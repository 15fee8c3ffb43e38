import { definePartitioner, type Random } from '@fedx/core';
import { assertEnoughImages } from './client-sizes.js';
import { dealLabels } from './deal-labels.js';
import { impossible } from './impossible.js';
import { countLabels } from './label-counts.js';

/**
 * Every client holds exactly k labels: quantity-based label imbalance, #C = k, of Li, Diao, Chen and He 2022 ("Federated
 * learning on non-IID data silos", arXiv 2102.02079, section IV-A), as their NIID-Bench code does it.
 *
 * Client i holds label i mod L and k - 1 others, drawn uniformly (redrawn where the client has them already). The
 * examples of a label are divided evenly among its holders in client order, the first ones getting one more where that
 * does not come out even. Labels differ in their number of holders, so clients differ in size; missing-labels is the
 * balanced relative.
 *
 * Every example is used exactly once. Throws FEDX_PARTITION_IMPOSSIBLE for more labels per client than labels, for more
 * clients than examples, for a label that no client holds (possible with fewer clients than labels), and for one with
 * fewer examples than holders.
 */
export const labelsPerClient = definePartitioner({
  name: 'labels-per-client',
  options: {
    type: 'object',
    description: 'Every client holds exactly so many labels (Li et al. 2022).',
    additionalProperties: false,
    required: ['clients', 'labels'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      labels: { type: 'integer', minimum: 1, description: 'Labels that each client holds.' },
    },
  },
  partition({ clients, labels: held }, { labels, classes, random }) {
    if (held > classes)
      throw impossible(
        `Clients cannot hold ${held} labels each: the dataset has ${classes}.`,
        `Use partition.labels from 1 to ${classes}.`,
      );
    assertEnoughImages(clients, labels.length);
    const holders = Array.from({ length: classes }, (): number[] => []);
    for (let client = 0; client < clients; client++)
      for (const label of drawLabels(client % classes, held, classes, random)) holders[label]?.push(client);
    return { quotas: dealLabels(countLabels(labels, classes), holders, clients) };
  },
});

function drawLabels(first: number, held: number, classes: number, random: Random): ReadonlySet<number> {
  const drawn = new Set([first]);
  while (drawn.size < held) drawn.add(random.integer(classes));
  return drawn;
}
