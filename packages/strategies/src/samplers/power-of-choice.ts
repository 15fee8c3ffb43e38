import { defineSampler, type Random } from '@fedx/core';
import { checkCohortSize } from './cohort-size.js';

/**
 * Power-of-choice (Cho, Wang and Joshi 2020, arXiv 2010.01243, section 4, the strategy pow-d): clients on which the global
 * model does badly take part, which speeds training up and biases it.
 *
 *     1. d candidates, drawn without replacement with probabilities p_k, the clients' shares of the examples
 *     2. each gets the global model and says its loss F_k(w) over its examples, in training mode
 *     3. the m candidates with the largest losses take part; of equal ones, the first
 *
 * Candidates that do not take part still get the model: it is counted in `bytes/down`, and their losses in `bytes/up`.
 * A plan, which knows no losses yet, takes m clients as candidates are drawn.
 */
export const powerOfChoice = defineSampler({
  name: 'power-of-choice',
  options: {
    type: 'object',
    description: 'Those of some candidates on which the global model has the largest loss (Cho, Wang and Joshi 2020).',
    additionalProperties: false,
    required: ['clients', 'candidates'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'm: clients that take part in a round.' },
      candidates: {
        type: 'integer',
        minimum: 1,
        description: 'd: clients that are asked for their loss, at least as many as take part.',
      },
    },
  },
  candidates({ candidates }, { examples, random }) {
    checkCohortSize(candidates, examples.length, 'Lower server.cohort.candidates.');
    return drawBySize(candidates, examples, random);
  },
  sample({ clients, candidates }, { examples, random, losses }) {
    checkCohortSize(candidates, examples.length, 'Lower server.cohort.candidates.');
    checkCohortSize(
      clients,
      candidates,
      'Raise server.cohort.candidates, or lower server.cohort.clients.',
      'candidates',
    );
    if (losses === undefined) return drawBySize(clients, examples, random);
    const ranked = [...losses].toSorted(([a, lossA], [b, lossB]) => lossB - lossA || a - b);
    return ascending(ranked.slice(0, clients).map(([client]) => client));
  },
});

/**
 * So many clients without replacement, each draw with probabilities in proportion to their examples: those with the largest
 * log(u_k) / n_k (Efraimidis and Spirakis 2006).
 */
function drawBySize(count: number, examples: readonly number[], random: Random): number[] {
  const keys = examples.map((size, client) => ({ client, key: Math.log(1 - random.uniform()) / size }));
  const chosen = keys.toSorted((a, b) => b.key - a.key || a.client - b.client).slice(0, count);
  return ascending(chosen.map(({ client }) => client));
}

const ascending = (clients: readonly number[]): number[] => clients.toSorted((a, b) => a - b);
