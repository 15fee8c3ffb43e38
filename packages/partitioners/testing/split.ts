/** Splits labels that are given by their counts, for the tests of partitioners. */
import type { Partition, PartitionRequest, Random } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { partitioners } from '../src/index.js';

interface Partitioner<Options> {
  partition(options: Options, request: PartitionRequest): Partition;
}

/** A request for a dataset of `counts[label]` examples of each label, in the order of the labels. */
export function requestOf(counts: readonly number[], random: Random = createRandom(1)): PartitionRequest {
  const labels = Uint8Array.from(counts.flatMap((count, label) => Array<number>(count).fill(label)));
  return {
    labels,
    classes: counts.length,
    random,
    dataset: 'toy',
    directory: '.',
    // The partitioners of this package, as core finds them by name.
    partition: (slot, part) => {
      const plugin = partitioners.find(({ name }) => name === slot.use);
      if (plugin?.kind !== 'partitioner') throw new TypeError(`There is no partitioner ${slot.use}.`);
      return plugin.partition(slot, { ...requestOf(counts, random), ...part });
    },
  };
}

/** The quotas `[clients][classes]` that a partitioner gives. */
export function split<Options>(
  partitioner: Partitioner<Options>,
  options: Options,
  counts: readonly number[],
  random?: Random,
): readonly (readonly number[])[] {
  const partition = partitioner.partition(options, requestOf(counts, random));
  return 'quotas' in partition ? partition.quotas : [];
}

/** Examples of each label over all clients. */
export function labelTotals(quotas: readonly (readonly number[])[]): number[] {
  return (quotas[0] ?? []).map((_, label) => sum(quotas.map((quota) => quota[label] ?? 0)));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
