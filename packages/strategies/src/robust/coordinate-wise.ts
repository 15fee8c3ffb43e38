/** Robust means of each coordinate by itself (Yin, Chen, Ramchandran and Bartlett 2018, arXiv 1803.01498). */
import { defineStrategy, parameters as p } from '@fedx/core';

/** The middle value; of an even number, the mean of the two in the middle. Sorts its argument. */
function median(values: Float32Array): number {
  values.sort();
  const middle = values.length >> 1;
  const upper = values[middle] ?? Number.NaN;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? Number.NaN) + upper) / 2;
}

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
    weights: 'uniform',
    aggregate: ({ global, updates }) => ({
      global: p.add(
        global,
        p.coordinateWise(
          [...updates].map(({ delta }) => delta),
          median,
        ),
      ),
    }),
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
  create: ({ share }) => ({
    weights: 'uniform',
    aggregate({ global, updates }) {
      const cut = Math.floor(share * updates.length);
      if (cut === 0) return { global: p.add(global, updates.mean()) };
      const mean = (values: Float32Array): number => meanBetween(values.sort(), cut, values.length - cut);
      return {
        global: p.add(
          global,
          p.coordinateWise(
            [...updates].map(({ delta }) => delta),
            mean,
          ),
        ),
      };
    },
  }),
});

/** Mean of `values[from]` to before `values[to]`, in float64. */
export function meanBetween(values: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum / (to - from);
}
