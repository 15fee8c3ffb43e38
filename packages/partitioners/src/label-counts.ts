import { FedxError } from '@fedx/core';

/** How many examples have each label, `[classes]`. */
export function countLabels(labels: Iterable<number>, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** Throws FEDX_PARTITION_IMPOSSIBLE where there are more clients than images. */
export function assertEnoughImages(clients: number, images: number): void {
  if (clients <= images) return;
  throw new FedxError(
    'FEDX_PARTITION_IMPOSSIBLE',
    `${clients} clients cannot share ${images} images: there are more clients than images.`,
  );
}
