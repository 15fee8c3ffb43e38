import { definePartitioner, FedxError } from '@fedx/core';

/**
 * The MNIST split of FedProx (Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith 2020, section 5.1: "each device has samples of
 * only two digits and the number of samples per device follows a power law"), as their `generate_niid.py` and Flower's
 * baseline `fedprox` do it. Client k holds the labels k mod L and (k + 1) mod L: first five examples of each, then a
 * share of what is left of the label that is in proportion to e^(2 z), z ~ N(0, 1), among all who hold the label.
 *
 * Shares are rounded down, so that a few examples of a label stay with nobody, as in both sources.
 * Throws FEDX_PARTITION_IMPOSSIBLE where a label has too few examples for five each.
 */
export default definePartitioner({
  name: 'two-labels-lognormal',
  options: {
    type: 'object',
    description: 'Two labels a client, sizes from a log-normal distribution (Li et al. 2020).',
    additionalProperties: false,
    required: ['clients'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      sigma: {
        type: 'number',
        minimum: 0,
        default: 2,
        description: 'How much sizes differ: deviation of their logarithm.',
      },
      minimumExamples: {
        type: 'integer',
        minimum: 1,
        default: 5,
        description: 'Examples of each of its labels that a client has at least.',
      },
    },
  },
  partition({ clients, sigma, minimumExamples }, { labels, classes, random }) {
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
    const quotas = Array.from({ length: clients }, () => new Array<number>(classes).fill(0));
    for (const [label, count] of counts.entries()) {
      const holders = [...quotas.keys()].filter((k) => k % classes === label || (k + 1) % classes === label);
      const weights = new Map(holders.map((k) => [k, Math.exp(sigma * random.at(label, k).normal())]));
      const left = count - weights.size * minimumExamples;
      if (left < 0) {
        throw new FedxError(
          'FEDX_PARTITION_IMPOSSIBLE',
          `${weights.size} clients need ${minimumExamples} examples of label ${label} each, but there are ${count}.`,
          { hint: 'Lower partition.clients or partition.minimumExamples.' },
        );
      }
      const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
      for (const [client, weight] of weights) {
        const quota = quotas[client];
        if (quota !== undefined) quota[label] = minimumExamples + Math.floor((left * weight) / total);
      }
    }
    return { quotas };
  },
});
