/** Robust means of each coordinate by itself (Yin, Chen, Ramchandran and Bartlett 2018, arXiv 1803.01498). */
import { defineStrategy, parameters as p } from '@fedx/core';

/** Coordinate-wise median (definition 1): bears fewer than half of a cohort as attackers. Clients count alike. */
export const fedmedian = defineStrategy({
  name: 'fedmedian',
  options: {
    type: 'object',
    description: "The coordinate-wise median of the clients' updates (Yin et al. 2018).",
    additionalProperties: false,
    properties: {},
  },
  create: () => ({
    robustness: {
      rule: "attackers of fewer than half of a round's clients",
      bears: ({ attackers, clients }) => 2 * attackers < clients,
    },
    weights: 'uniform',
    aggregate({ global, updates }) {
      const deltas = [...updates].map(({ delta }) => delta);
      const { length } = deltas;
      return { global: p.add(global, p.meanOfRanks(deltas, (length - 1) >> 1, (length >> 1) + 1)) };
    },
  }),
});

/**
 * Coordinate-wise trimmed mean (definition 2): the mean without the `share` smallest and the `share` largest values. Bears
 * that share of a cohort as attackers. `share: 0` is the uniform mean.
 */
export const trimmedMean = defineStrategy({
  name: 'trimmed-mean',
  options: {
    type: 'object',
    description: "The coordinate-wise mean of the clients' updates without the extremes (Yin et al. 2018).",
    additionalProperties: false,
    properties: {
      share: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 0.5,
        default: 0.1,
        description: 'Share of the clients that is left out at each end; rounded down to whole clients.',
      },
    },
  },
  create({ share }) {
    // 0.29 * 100 is 28.999999999999996.
    const cutOf = (clients: number): number => Math.floor(share * clients * (1 + 1e-12));
    return {
      robustness: {
        rule: 'as many attackers in a round as strategy.share leaves out at each end',
        bears: ({ attackers, clients }) => attackers <= cutOf(clients),
      },
      weights: 'uniform',
      aggregate({ global, updates }) {
        const cut = cutOf(updates.length);
        if (cut === 0)
          return {
            global: p.add(
              global,
              updates.mean(undefined, () => 1),
            ),
          };
        const deltas = [...updates].map(({ delta }) => delta);
        return { global: p.add(global, p.meanOfRanks(deltas, cut, deltas.length - cut)) };
      },
    };
  },
});
