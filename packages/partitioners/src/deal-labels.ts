import { equalSizes } from './client-sizes.js';
import { impossible } from './impossible.js';
import { emptyQuotas } from './label-counts.js';

/**
 * Quotas `[clients][classes]` where each label is divided evenly among the clients that hold it: `holders[label]` in
 * order, the first of them getting one example more each where that does not come out even.
 *
 * Throws FEDX_PARTITION_IMPOSSIBLE for a label that nobody holds, and for one with fewer examples than holders, who
 * would otherwise hold fewer labels than they should.
 */
export function dealLabels(
  counts: readonly number[],
  holders: readonly (readonly number[])[],
  clients: number,
): number[][] {
  const quotas = emptyQuotas(clients, counts.length);
  counts.forEach((count, label) => {
    const clientsOfLabel = holders[label] ?? [];
    if (clientsOfLabel.length === 0)
      throw impossible(
        `No client holds label ${label}, so its ${count} examples would be lost.`,
        'Use more clients, or let each hold more labels.',
      );
    if (count < clientsOfLabel.length)
      throw impossible(
        `Label ${label} has ${count} examples for the ${clientsOfLabel.length} clients that are to hold it.`,
        'Use fewer clients, let each hold fewer labels, or use data that has more of this label.',
      );
    equalSizes(clientsOfLabel.length, count).forEach((part, position) => {
      const quota = quotas[clientsOfLabel[position] ?? -1];
      if (quota !== undefined) quota[label] = part;
    });
  });
  return quotas;
}
