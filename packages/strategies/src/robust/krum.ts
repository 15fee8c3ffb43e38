/** Rules that choose updates by their distances to others; their cost grows with the square of the cohort. */
import { defineStrategy, type LeastCohort, type Parameters, parameters as p, type Update } from '@fedx/core';
import { attackers, upTo } from './attackers.js';

/**
 * Krum's score of each candidate (Blanchard, El Mhamdi, Guerraoui and Stainer 2017, section 4): the sum of its squared
 * distances to its `candidates - attackers - 2` nearest other candidates.
 */
function scores(distances: readonly Float64Array[], candidates: readonly number[], f: number): readonly number[] {
  const nearest = Math.max(1, candidates.length - f - 2);
  return candidates.map((i) => {
    const others = Float64Array.from(
      candidates.filter((j) => j !== i),
      (j) => distances[i]?.[j] ?? Infinity,
    ).sort();
    return others.subarray(0, nearest).reduce((sum, value) => sum + value, 0);
  });
}

/** Candidates by score, the best first; of equal ones the smaller client number. */
function ranked(distances: readonly Float64Array[], candidates: readonly number[], f: number): readonly number[] {
  const score = scores(distances, candidates, f);
  return candidates
    .map((client, k) => ({ client, score: score[k] ?? Infinity }))
    .sort((a, b) => a.score - b.score || a.client - b.client)
    .map(({ client }) => client);
}

const everyone = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const deltasOf = (updates: Iterable<Update>): Parameters[] => [...updates].map(({ delta }) => delta);

const leastOfKrum = (f: number): LeastCohort => ({
  clients: 2 * f + 3,
  rule: '2 × attackers + 3',
  option: 'attackers',
});

/** Krum: the update with the best score, alone. Bears f attackers among at least 2 f + 3 clients. */
export const krum = defineStrategy({
  name: 'krum',
  options: {
    type: 'object',
    description: 'The one update that is nearest to its neighbours (Blanchard et al. 2017).',
    additionalProperties: false,
    required: ['attackers'],
    properties: { attackers },
  },
  create: ({ attackers: f }) => ({
    leastCohort: leastOfKrum(f),
    robustness: upTo(f),
    weights: 'uniform',
    aggregate({ global, updates }) {
      const deltas = deltasOf(updates);
      const [best = 0] = ranked(p.squaredDistances(deltas), everyone(deltas.length), f);
      return { global: p.add(global, deltas[best] ?? p.zerosLike(global)) };
    },
  }),
});

/**
 * Multi-Krum (ibid., section 5): the uniform mean of the `keep` updates with the best scores, which are no more than there
 * are without the attackers.
 */
export const multiKrum = defineStrategy({
  name: 'multi-krum',
  options: {
    type: 'object',
    description: 'The mean of the updates that Krum scores best (Blanchard et al. 2017).',
    additionalProperties: false,
    required: ['attackers'],
    properties: {
      attackers,
      keep: {
        type: 'integer',
        minimum: 1,
        description: 'Updates that are averaged; default: the cohort less the attackers.',
      },
    },
  },
  create: ({ attackers: f, keep }) => ({
    leastCohort:
      keep !== undefined && f + keep > 2 * f + 3
        ? { clients: f + keep, rule: 'attackers + keep', option: 'keep' }
        : leastOfKrum(f),
    robustness: upTo(f),
    weights: 'uniform',
    aggregate({ global, updates }) {
      const count = keep ?? updates.length - f;
      const deltas = deltasOf(updates);
      const kept = ranked(p.squaredDistances(deltas), everyone(deltas.length), f)
        .slice(0, count)
        .toSorted((a, b) => a - b);
      const chosen = kept.map((client) => deltas[client] ?? p.zerosLike(global));
      return {
        global: p.add(
          global,
          p.weightedMean(
            chosen,
            chosen.map(() => 1),
          ),
        ),
      };
    },
  }),
});

/**
 * Bulyan (El Mhamdi, Guerraoui and Rouault 2018, arXiv 1802.07927, section 4): Krum picks `cohort - 2 attackers` updates one
 * after the other; of those each coordinate is the mean of the `picked - 2 attackers` values nearest to the median.
 * Bears f attackers among at least 4 f + 3 clients.
 */
export const bulyan = defineStrategy({
  name: 'bulyan',
  options: {
    type: 'object',
    description: 'A trimmed mean over what Krum selects (El Mhamdi, Guerraoui and Rouault 2018).',
    additionalProperties: false,
    required: ['attackers'],
    properties: { attackers },
  },
  create: ({ attackers: f }) => ({
    leastCohort: { clients: 4 * f + 3, rule: '4 × attackers + 3', option: 'attackers' },
    robustness: upTo(f),
    weights: 'uniform',
    aggregate({ global, updates }) {
      const deltas = deltasOf(updates);
      const distances = p.squaredDistances(deltas);
      const left = everyone(deltas.length);
      const picked: number[] = [];
      while (picked.length < deltas.length - 2 * f) {
        const [best = 0] = ranked(distances, left, f);
        picked.push(best);
        left.splice(left.indexOf(best), 1);
      }
      const chosen = picked.toSorted((a, b) => a - b).map((client) => deltas[client] ?? p.zerosLike(global));
      const kept = chosen.length - 2 * f;
      return {
        global: p.add(
          global,
          p.coordinateWise(chosen, (values) => meanAroundMedian(values, kept), 'ascending'),
        ),
      };
    },
  }),
});

/** Mean of the `kept` of ascending values that are nearest to the median: they stand in a row. */
export function meanAroundMedian(values: Float32Array, kept: number): number {
  const middle = values.length >> 1;
  const centre =
    values.length % 2 === 1
      ? (values[middle] ?? Number.NaN)
      : ((values[middle - 1] ?? Number.NaN) + (values[middle] ?? Number.NaN)) / 2;
  let from = 0;
  while (
    from + kept < values.length &&
    Math.abs((values[from + kept] ?? Infinity) - centre) < Math.abs((values[from] ?? Infinity) - centre)
  )
    from += 1;
  return meanBetween(values, from, from + kept);
}

/** Mean of `values[from]` to before `values[to]`, in float64. */
function meanBetween(values: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum / (to - from);
}
