import { definePartitioner, type Partition, type PartitionRequest, type Random } from '@fedx/core';
import { sum } from './client-sizes.js';
import { cumulativeSplit } from './cumulative-split.js';
import { impossible } from './impossible.js';
import { innerSlot } from './inner-slot.js';
import { countLabels } from './label-counts.js';

/** Written shares are decimal fractions: 0.7 + 0.1 is less than 0.8 by 1e-16, and yet 8 of 10 examples. */
const ROUNDING = 1e-12;

/**
 * Several partitioners at once, each on its share of every label (cut at the floors of the cumulated shares).
 *
 * - `by: examples`: all parts have the same clients, and client k has what it gets in each part. With iid and
 *   label-shards of shares s and 1 - s this is the "s % similarity" of Karimireddy et al. 2020 (SCAFFOLD, arXiv
 *   1910.06378, section 7; after Hsu et al. 2019).
 * - `by: clients`: each part has clients of its own, those of the first part first: clients of several kinds.
 *
 * Uses every example that the parts use. Throws FEDX_PARTITION_IMPOSSIBLE for shares that do not sum to 1, for parts
 * with different numbers of clients under `by: examples`, for a part that chooses single examples (by-column,
 * from-file) or changes features, and what the parts throw.
 */
export const mixture = definePartitioner({
  name: 'mixture',
  options: {
    type: 'object',
    description: 'Several partitioners at once, each on its share of every label.',
    additionalProperties: false,
    required: ['by', 'parts'],
    properties: {
      by: {
        type: 'string',
        enum: ['examples', 'clients'],
        description: 'examples: every client has some of each part. clients: every part has clients of its own.',
      },
      parts: {
        type: 'array',
        description: 'The partitioners and their shares, which sum to 1.',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['share', 'of'],
          properties: {
            share: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Its share of the examples.' },
            of: innerSlot,
          },
        },
      },
    },
  },
  partition({ by, parts }, request) {
    const shares = parts.map(({ share }) => share);
    if (Math.abs(sum(shares) - 1) > 1e-9)
      throw impossible(
        `The shares of the mixture sum to ${sum(shares)}.`,
        'Make the shares of partition.parts sum to 1.',
      );
    const cuts = countLabels(request.labels, request.classes).map((count) => cumulativeSplit(count, shares, ROUNDING));
    const tables = parts.map(({ of }, part) => {
      const counts = cuts.map((cut) => cut[part] ?? 0);
      return quotasOf(of.use, request.partition(of, { labels: labelsOf(counts), random: stream(request, part) }));
    });
    if (by === 'clients') return { quotas: tables.flat() };

    const clients = tables[0]?.length ?? 0;
    const odd = tables.findIndex((table) => table.length !== clients);
    if (odd !== -1)
      throw impossible(
        `partition.parts.${odd} has ${tables[odd]?.length} clients, but partition.parts.0 has ${clients}.`,
        'Give all parts the same number of clients, or use partition.by=clients.',
      );
    const quotas = Array.from({ length: clients }, (_, client) =>
      cuts.map((_cut, label) => sum(tables.map((table) => table[client]?.[label] ?? 0))),
    );
    return { quotas };
  },
});

function stream({ random }: PartitionRequest, part: number): Random {
  return random.at('part', part);
}

function quotasOf(name: string, partition: Partition): readonly (readonly number[])[] {
  if ('quotas' in partition && partition.features === undefined) return partition.quotas;
  throw impossible(
    `The partitioner ${name} cannot be part of a mixture: it does more than say how many examples of each label.`,
    'Mix partitioners of labels and sizes.',
  );
}

/** `counts[l]` times label l, for all labels in turn. */
function labelsOf(counts: readonly number[]): Uint8Array {
  const labels = new Uint8Array(sum(counts));
  let start = 0;
  counts.forEach((count, label) => {
    labels.fill(label, start, start + count);
    start += count;
  });
  return labels;
}
