import { definePartitioner } from '@fedx/core';
import { equalSizes } from './client-sizes.js';
import { dirichletAmong } from './dirichlet-among.js';
import { countLabels, emptyQuotas } from './label-counts.js';

/**
 * Clients of equal size, each with its own mix of labels: Hsu, Qi and Brown 2019 (arXiv 1909.06335), section 3.
 * Client k draws q_k ~ Dir(alpha * p), p being the prior over the L labels, then its examples one by one, without
 * replacement, each of label l with probability q_k[l].
 *
 * - `prior: dataset` (default): p is the share of each label in the data, 1 / L where labels are balanced, as in the
 *   paper. `prior: flat`: every entry of p is 1, the symmetric Dir(alpha) of Acar et al. 2021 (FedDyn), FedLab's
 *   `client_inner_dirichlet_partition` and Flower's `InnerDirichletPartitioner`. With L balanced labels, alpha under
 *   the flat prior is the same split as L * alpha under the paper's.
 * - An exhausted label takes no part any more: the rest of q_k is what counts. Where a tiny alpha has left that below
 *   any float64, it is drawn among the labels that are left, which is the same distribution. Examples are handed out in
 *   random order of the clients, so that this befalls all alike (Acar et al.), and not the last clients alone.
 * - Sizes differ by one at most, the larger ones first. Every example is used exactly once.
 *
 * alpha to 0 gives clients of one label, as long as there is enough of each; alpha to infinity, clients with the mix p.
 * Throws FEDX_PARTITION_IMPOSSIBLE for more clients than examples.
 */
export const dirichletLabel = definePartitioner({
  name: 'dirichlet-label',
  options: {
    type: 'object',
    description: 'Clients of equal size, each with its own Dirichlet draw of labels (Hsu, Qi and Brown 2019).',
    additionalProperties: false,
    required: ['clients', 'alpha'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      // Between these its products with labels' counts are neither 0 nor infinite.
      alpha: {
        type: 'number',
        minimum: 1e-300,
        maximum: 1e300,
        description: 'Concentration: small is skewed, large is alike.',
      },
      prior: {
        type: 'string',
        enum: ['dataset', 'flat'],
        default: 'dataset',
        description: 'dataset: alpha times the share of each label (Hsu 2019). flat: alpha for each label (Acar 2021).',
      },
    },
  },
  partition({ clients, alpha, prior }, { labels, classes, random }) {
    const left = countLabels(labels, classes);
    const sizes = equalSizes(clients, labels.length);
    const present = left.flatMap((count, label) => (count > 0 ? [label] : []));
    const alphas = present.map((label) => (prior === 'flat' ? alpha : (alpha * (left[label] ?? 0)) / labels.length));
    const draws = random.at('mix');
    const mixes = sizes.map(() => draws.dirichlet(alphas));
    const quotas = emptyQuotas(clients, classes);
    const order = new Uint32Array(labels.length);
    sizes.reduce((start, size, client) => {
      order.fill(client, start, start + size);
      return start + size;
    }, 0);
    random.at('order').shuffle(order);

    const picks = random.at('picks');
    for (let i = 0; i < order.length; i++) {
      const client = order[i] ?? 0;
      const uniform = picks.uniform();
      let entry = pick(mixes[client] ?? [], present, left, uniform);
      if (entry === undefined) {
        const isLeft = present.map((label) => (left[label] ?? 0) > 0);
        const mix = dirichletAmong(alphas, isLeft, draws);
        mixes[client] = mix;
        entry = pick(mix, present, left, uniform) ?? 0;
      }
      const label = present[entry] ?? 0;
      left[label] = (left[label] ?? 0) - 1;
      const quota = quotas[client];
      if (quota !== undefined) quota[label] = (quota[label] ?? 0) + 1;
    }
    return { quotas };
  },
});

/**
 * The entry of `present` that `uniform` falls on: entries in proportion to the mix, those without examples left out;
 * undefined where those that are left have no share of the mix.
 */
function pick(
  mix: readonly number[],
  present: readonly number[],
  left: readonly number[],
  uniform: number,
): number | undefined {
  const weight = (entry: number): number => ((left[present[entry] ?? -1] ?? 0) > 0 ? (mix[entry] ?? 0) : 0);
  let total = 0;
  for (let entry = 0; entry < present.length; entry++) total += weight(entry);
  let rest = uniform * total;
  let last: number | undefined;
  for (let entry = 0; entry < present.length; entry++) {
    const own = weight(entry);
    if (own === 0) continue;
    if (rest < own) return entry;
    rest -= own;
    last = entry;
  }
  // Rounding may leave a last bit of `rest` over.
  return last;
}
