import { definePartitioner } from '@fedx/core';
import { impossible } from './impossible.js';
import { countLabels, emptyQuotas } from './label-counts.js';

/**
 * The pathological split of McMahan et al. 2017 (arXiv 1602.05629), section 3: "we first sort the data by digit label,
 * divide it into 200 shards of size 300, and assign each of 100 clients 2 shards."
 *
 * With n examples, N clients and s shards each there are S = N * s shards; shard i holds the sorted examples from
 * floor(i n / S) to before floor((i + 1) n / S), so that sizes differ by one at most and every example is used exactly
 * once. A random permutation deals them: client k gets its entries k s to k s + s - 1. A client has at most s labels
 * where no shard crosses from one label to the next, else at most 2 s.
 *
 * Throws FEDX_PARTITION_IMPOSSIBLE for more shards than examples.
 */
export const labelShards = definePartitioner({
  name: 'label-shards',
  options: {
    type: 'object',
    description: 'Examples sorted by label and cut into shards, so many to each client (McMahan et al. 2017).',
    additionalProperties: false,
    required: ['clients'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      shardsPerClient: { type: 'integer', minimum: 1, default: 2, description: 'Shards of each client.' },
    },
  },
  partition({ clients, shardsPerClient }, { labels, classes, random }) {
    const shards = clients * shardsPerClient;
    if (shards > labels.length)
      throw impossible(
        `${clients} clients of ${shardsPerClient} shards need ${shards} shards, but there are ${labels.length} examples.`,
        'Lower partition.clients or partition.shardsPerClient.',
      );
    const sorted = Uint8Array.from(labels).sort();
    const order = random.shuffle(Uint32Array.from({ length: shards }, (_, shard) => shard));
    const edge = (shard: number) => Math.floor((shard * labels.length) / shards);
    const quotas = emptyQuotas(clients, classes);
    order.forEach((shard, position) => {
      const quota = quotas[Math.floor(position / shardsPerClient)];
      countLabels(sorted.subarray(edge(shard), edge(shard + 1)), classes).forEach((count, label) => {
        if (quota !== undefined) quota[label] = (quota[label] ?? 0) + count;
      });
    });
    return { quotas };
  },
});
