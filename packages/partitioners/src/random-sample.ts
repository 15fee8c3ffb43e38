import type { PartitionRequest } from '@fedx/core';
import { countLabels } from './label-counts.js';

/** Quotas `[clients][classes]` of a random sample of all examples for each client: shuffled, then cut to `sizes`. */
export function sampleAtRandom({ labels, classes, random }: PartitionRequest, sizes: readonly number[]): number[][] {
  const shuffled = random.shuffle(Uint32Array.from(labels));
  let start = 0;
  return sizes.map((size) => {
    const part = shuffled.subarray(start, start + size);
    start += size;
    return countLabels(part, classes);
  });
}
