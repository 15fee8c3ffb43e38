import { FedxError } from '@fedx/core';
import { impossible } from './impossible.js';

/** Throws FEDX_PARTITION_IMPOSSIBLE where there are more clients than images. */
export function assertEnoughImages(clients: number, images: number): void {
  if (clients <= images) return;
  throw new FedxError(
    'FEDX_PARTITION_IMPOSSIBLE',
    `${clients} clients cannot share ${images} images: there are more clients than images.`,
  );
}

/** `total` in `clients` parts that differ by one at most, the larger first. Throws as {@link assertEnoughImages} does. */
export function equalSizes(clients: number, total: number): number[] {
  assertEnoughImages(clients, total);
  const each = Math.floor(total / clients);
  return Array.from({ length: clients }, (_, client) => each + (client < total % clients ? 1 : 0));
}

/** Throws FEDX_PARTITION_IMPOSSIBLE where the clients could not all have `minimum` examples, however they are spread. */
export function assertRoomForAll(clients: number, minimum: number, total: number): void {
  if (clients * minimum <= total) return;
  throw impossible(
    `${clients} clients of at least ${minimum} examples need ${clients * minimum}, but there are ${total}.`,
    'Lower partition.clients or partition.minimumExamples.',
  );
}

/** The sum of a list of numbers. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
