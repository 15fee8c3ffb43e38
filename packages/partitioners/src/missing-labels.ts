import { definePartitioner, type Random } from '@fedx/core';
import { assertEnoughImages } from './client-sizes.js';
import { dealLabels } from './deal-labels.js';
import { impossible } from './impossible.js';
import { countLabels } from './label-counts.js';

/**
 * Every client lacks the same number of labels altogether: the case that Lee, Bang, Baek and Kim 2023 ("Federated
 * learning of Non-IID MNIST data") leave open. `missing: k` takes k labels from each client, `present: k` leaves it k.
 *
 * The assignment is balanced: in client order, each client gets the labels that the fewest clients hold so far, ties
 * broken at random, so that the numbers of holders of any two labels differ by one at most. A label's examples are
 * divided evenly among its holders, whose order is random; the first ones get one more where that does not come out
 * even. With L labels and k present, N * k = L * m gives every label exactly m holders.
 *
 * Every example is used exactly once. Throws FEDX_PARTITION_IMPOSSIBLE
 * where a client would be left without labels or should have more than there are, for more clients than examples, for a
 * label that no client holds (N * k < L), and for one with fewer examples than holders.
 */
export const missingLabels = definePartitioner({
  name: 'missing-labels',
  options: {
    type: 'object',
    description: 'Every client lacks the same number of labels altogether.',
    additionalProperties: false,
    required: ['clients'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      missing: { type: 'integer', minimum: 0, description: 'Labels that each client lacks. Either this or present.' },
      present: { type: 'integer', minimum: 1, description: 'Labels that each client has. Either this or missing.' },
    },
    oneOf: [
      { properties: { missing: { type: 'integer' } }, required: ['missing'] },
      { properties: { present: { type: 'integer' } }, required: ['present'] },
    ],
  },
  partition({ clients, missing, present }, { labels, classes, random }) {
    const held = labelsHeld(classes, missing, present);
    assertEnoughImages(clients, labels.length);
    const holders = assignBalanced(clients, classes, held, random.at('labels')).map((holding, label) =>
      random.at('order', label).shuffle(holding),
    );
    return { quotas: dealLabels(countLabels(labels, classes), holders, clients) };
  },
});

function labelsHeld(classes: number, missing: number | undefined, present: number | undefined): number {
  const held = present ?? classes - (missing ?? 0);
  if (held < 1 || held > classes)
    throw impossible(
      `Clients that ${present === undefined ? `lack ${missing}` : `have ${present}`} of ${classes} labels are not possible.`,
      `Use partition.missing from 0 to ${classes - 1}, or partition.present from 1 to ${classes}.`,
    );
  return held;
}

/** The clients that hold each label, `[classes]`, ascending. */
function assignBalanced(clients: number, classes: number, held: number, random: Random): number[][] {
  const holders = Array.from({ length: classes }, (): number[] => []);
  const order = Array.from({ length: classes }, (_, label) => label);
  const holding = (label: number) => holders[label]?.length ?? 0;
  for (let client = 0; client < clients; client++) {
    // Sorting is stable, so that the shuffle breaks the ties.
    random.shuffle(order).sort((a, b) => holding(a) - holding(b));
    for (const label of order.slice(0, held)) holders[label]?.push(client);
  }
  return holders;
}
