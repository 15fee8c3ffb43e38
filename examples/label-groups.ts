import { definePartitioner, FedxError } from '@fedx/core';

/**
 * Clients of several populations that never see each other's labels: client k and label l belong together if
 * k mod groups = l mod groups. Within a group every client has the same share of each label. The setting of clustered
 * federated learning (Sattler, Müller and Samek 2021, arXiv 1910.01991, section V): no one model suits everybody.
 */
export default definePartitioner({
  name: 'label-groups',
  options: {
    type: 'object',
    description: 'Groups of clients, each with labels of its own (Sattler, Müller and Samek 2021).',
    additionalProperties: false,
    required: ['clients'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      groups: { type: 'integer', minimum: 1, default: 2, description: 'Number of groups; 1 is an even split.' },
    },
  },
  partition: ({ clients, groups }, { labels, classes }) => {
    if (groups > Math.min(clients, classes)) {
      throw new FedxError(
        'FEDX_PARTITION_IMPOSSIBLE',
        `${groups} groups need as many clients and labels, but there are ${clients} clients and ${classes} labels.`,
        { hint: 'Lower partition.groups.' },
      );
    }
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
    const quotas = Array.from({ length: clients }, (_, client) =>
      counts.map((count, label) => (client % groups === label % groups ? shareOf(count, client, clients, groups) : 0)),
    );
    return { quotas };
  },
});

/** What a client gets of `count` examples that its group divides evenly; the first clients take what is left over. */
function shareOf(count: number, client: number, clients: number, groups: number): number {
  const group = client % groups;
  const members = Math.ceil((clients - group) / groups);
  const position = (client - group) / groups;
  return Math.floor(count / members) + (position < count % members ? 1 : 0);
}
