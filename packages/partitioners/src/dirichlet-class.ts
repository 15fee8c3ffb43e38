import { definePartitioner, type Random } from '@fedx/core';
import { assertRoomForAll, sum } from './client-sizes.js';
import { cumulativeSplit } from './cumulative-split.js';
import { dirichletAmong } from './dirichlet-among.js';
import { impossible } from './impossible.js';
import { countLabels, emptyQuotas } from './label-counts.js';

/** After so many splits that all left so many clients short, another one has no chance: about e^-50. */
const TRIALS = 3;
const HOPELESS = 50;

/**
 * Each label is divided over the clients by its own draw, so that clients differ in mix and in size: Yurochkin et al.
 * 2019 (arXiv 1905.12022, section 5), and as distribution-based label imbalance Li, Diao, Chen and He 2022 (NIID-Bench,
 * arXiv 2102.02079, section IV-A). Label after label, p ~ Dir_N(alpha) over the N clients, and client j gets the examples
 * from floor(n (p_1 + … + p_(j-1))) to before floor(n (p_1 + … + p_j)) of the label's n.
 *
 * - `balance` (default true, as in the code of both papers and FedLab; Flower's `self_balancing`, off by default there):
 *   a client that already has total / N examples gets nothing of later labels, the others' shares being scaled up.
 *   Where a tiny alpha has left the others shares below any float64, they are drawn among the others alone, which is
 *   the same distribution; the papers' code divides by zero there.
 * - `minimumExamples` (default 10): where a client has fewer, holdouts included, the whole split is drawn anew, from the
 *   first label on, up to `attempts` times in all. The papers' code draws until it succeeds, which for many clients is never:
 *   where the first three splits leave 50 clients or more short, there is no fourth.
 *
 * alpha to 0 gives each label whole to one client, with `balance` to one that has room; alpha to infinity, the same split
 * of every label. Every example is used exactly once. Throws FEDX_PARTITION_IMPOSSIBLE where no attempt gives every client
 * its minimum.
 */
export const dirichletClass = definePartitioner({
  name: 'dirichlet-class',
  options: {
    type: 'object',
    description: 'Each label is divided over the clients by its own Dirichlet draw (Yurochkin et al. 2019).',
    additionalProperties: false,
    required: ['clients', 'alpha'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      alpha: { type: 'number', exclusiveMinimum: 0, description: 'Concentration: small is skewed, large is alike.' },
      balance: {
        type: 'boolean',
        default: true,
        description: 'Whether a client with its average share of examples gets nothing of later labels.',
      },
      minimumExamples: {
        type: 'integer',
        minimum: 1,
        default: 10,
        description: 'Examples that every client must have, or the split is drawn anew.',
      },
      attempts: { type: 'integer', minimum: 1, default: 100, description: 'How often to draw before giving up.' },
    },
  },
  partition({ clients, alpha, balance, minimumExamples, attempts }, { labels, classes, random }) {
    assertRoomForAll(clients, minimumExamples, labels.length);
    const counts = countLabels(labels, classes);
    const draw = (among: number): number[][] =>
      drawSplit(counts, Array<number>(among).fill(alpha), balance ? labels.length / among : Infinity, random);
    const shortIn = (quotas: readonly number[][]): number =>
      quotas.filter((quota) => sum(quota) < minimumExamples).length;

    let fewest = clients;
    let drawn = 0;
    while (drawn < attempts && (drawn < TRIALS || fewest < HOPELESS)) {
      const quotas = draw(clients);
      const short = shortIn(quotas);
      if (short === 0) return { quotas };
      drawn += 1;
      fewest = Math.min(fewest, short);
    }
    let enough = clients >> 1;
    while (enough > 1 && shortIn(draw(enough)) > 0) enough >>= 1;
    const little = minimumExamples === 1 ? 'without an example' : `with fewer than ${minimumExamples} examples`;
    const others = [
      'raise partition.alpha',
      ...(minimumExamples > 1 ? ['lower partition.minimumExamples'] : []),
      ...(fewest < HOPELESS ? ['raise partition.attempts'] : []),
    ];
    throw impossible(
      `${drawn === 1 ? 'A split' : `${drawn} splits`} with alpha ${alpha} left ${fewest} or more of ${clients} clients ${little}.`,
      `Lower partition.clients (a split over ${enough} came out right), or ${others.join(', or ')}.`,
    );
  },
});

function drawSplit(counts: readonly number[], alphas: readonly number[], limit: number, random: Random): number[][] {
  const quotas = emptyQuotas(alphas.length, counts.length);
  const sizes = Array<number>(alphas.length).fill(0);
  counts.forEach((count, label) => {
    const hasRoom = sizes.map((size) => size < limit);
    cumulativeSplit(count, drawShares(alphas, hasRoom, random)).forEach((part, client) => {
      sizes[client] = (sizes[client] ?? 0) + part;
      const quota = quotas[client];
      if (quota !== undefined) quota[label] = part;
    });
  });
  return quotas;
}

/** Shares of a label, `[clients]`: Dir(alphas) restricted to the clients with room. All 0 where no client has room. */
function drawShares(alphas: readonly number[], hasRoom: readonly boolean[], random: Random): number[] {
  const drawn = random.dirichlet(alphas).map((share, client) => (hasRoom[client] ? share : 0));
  const total = sum(drawn);
  return total > 0 ? drawn.map((share) => share / total) : dirichletAmong(alphas, hasRoom, random);
}
