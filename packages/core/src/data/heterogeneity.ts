import type { Heterogeneity } from './federated-data.js';

/**
 * How far clients' label distributions are from that of all clients together, given label counts `[clients][classes]`.
 *
 * With p a client's distribution, g the global one and m = (p + g) / 2:
 * - Jensen-Shannon divergence (Lin 1991): KL(p, m) / 2 + KL(g, m) / 2 with base-2 logarithms, in `[0, 1]`;
 * - earth mover's distance with unit cost between any two labels: sum |p - g| / 2, in `[0, 1]`. (Zhao et al. 2018,
 *   arXiv 1806.00582, section 3.2, leave out the factor 1/2.)
 *
 * Clients count alike in the mean, whatever their size. Every client must have an example.
 */
export function heterogeneity(labels: readonly (readonly number[])[]): Heterogeneity {
  const classes = labels[0]?.length ?? 0;
  const total = Array.from({ length: classes }, (_, label) =>
    labels.reduce((sum, counts) => sum + (counts[label] ?? 0), 0),
  );
  const global = distribution(total);
  const clients = labels.map(distribution);
  return {
    jensenShannon: meanAndMax(clients.map((client) => jensenShannon(client, global))),
    earthMovers: meanAndMax(clients.map((client) => totalVariation(client, global))),
  };
}

function jensenShannon(p: readonly number[], q: readonly number[]): number {
  const middle = p.map((share, label) => (share + (q[label] ?? 0)) / 2);
  // Never negative but for rounding errors between distributions that are nearly the same.
  return Math.max(0, (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)) / 2);
}

/** In bits; a label that p lacks adds nothing. */
function kullbackLeibler(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, label) => (share === 0 ? sum : sum + share * Math.log2(share / (q[label] ?? 0))), 0);
}

function totalVariation(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, label) => sum + Math.abs(share - (q[label] ?? 0)), 0) / 2;
}

function distribution(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

function meanAndMax(values: readonly number[]): { mean: number; max: number } {
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    max: values.reduce((max, value) => Math.max(max, value), 0),
  };
}
