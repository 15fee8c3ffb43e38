import { definePartitioner, type PartitionRequest } from '@fedx/core';
import { assertRoomForAll } from './client-sizes.js';
import { cumulativeSplit } from './cumulative-split.js';
import { impossible } from './impossible.js';
import { sampleAtRandom } from './random-sample.js';

/**
 * Clients differ in size only: each is a random sample of the whole. Sizes are in proportion to
 *
 * - `dirichlet`: q ~ Dir_N(alpha), drawn anew up to `attempts` times until every client has its minimum: quantity skew
 *   of Li, Diao, Chen and He 2022 (NIID-Bench, arXiv 2102.02079, section IV-C);
 * - `power-law`: (k + 1)^-exponent for client k from 0, Zipf's rule, the largest client first;
 * - `linear`: k + 1, and `exponential`: e^(rate (k + 1)), the smallest first, as Flower's `LinearPartitioner` and, at
 *   rate 1, its `ExponentialPartitioner`.
 *
 * Client k's examples end at floor(n (s_0 + … + s_k)), s being the shares, so that every example is used exactly once.
 * Each rule takes its own number and no other. Throws FEDX_PARTITION_IMPOSSIBLE where a client has fewer than
 * `minimumExamples` (default 10).
 */
export const quantity = definePartitioner({
  name: 'quantity',
  options: {
    type: 'object',
    description: 'Clients differ in size only: each is a random sample.',
    additionalProperties: false,
    required: ['clients', 'rule'],
    properties: {
      clients: { type: 'integer', minimum: 1, description: 'Number of clients.' },
      rule: {
        type: 'string',
        enum: ['dirichlet', 'power-law', 'linear', 'exponential'],
        description: 'How sizes differ.',
      },
      alpha: { type: 'number', exclusiveMinimum: 0, description: 'Concentration of the dirichlet rule.' },
      exponent: { type: 'number', exclusiveMinimum: 0, description: 'Of the power-law rule.' },
      rate: { type: 'number', exclusiveMinimum: 0, description: 'Of the exponential rule.' },
      minimumExamples: {
        type: 'integer',
        minimum: 1,
        default: 10,
        description: 'Examples that every client must have, holdouts included.',
      },
      attempts: {
        type: 'integer',
        minimum: 1,
        default: 100,
        description: 'How often the dirichlet rule draws before it gives up.',
      },
    },
    allOf: [
      {
        if: { required: ['rule'], properties: { rule: { const: 'dirichlet' } } },
        then: { required: ['alpha'], properties: { alpha: { type: 'number' }, exponent: false, rate: false } },
      },
      {
        if: { required: ['rule'], properties: { rule: { const: 'power-law' } } },
        then: { required: ['exponent'], properties: { exponent: { type: 'number' }, alpha: false, rate: false } },
      },
      {
        if: { required: ['rule'], properties: { rule: { const: 'exponential' } } },
        then: { required: ['rate'], properties: { rate: { type: 'number' }, alpha: false, exponent: false } },
      },
      {
        if: { required: ['rule'], properties: { rule: { const: 'linear' } } },
        then: { properties: { alpha: false, exponent: false, rate: false } },
      },
    ],
  },
  partition({ clients, rule, minimumExamples, attempts, alpha, exponent, rate }, request) {
    // The schema lets the rule have its own number alone; linear needs none.
    const parameter = alpha ?? exponent ?? rate ?? 1;
    const total = request.labels.length;
    assertRoomForAll(clients, minimumExamples, total);
    let best = 0;
    for (let attempt = 0; attempt < (rule === 'dirichlet' ? attempts : 1); attempt++) {
      const sizes = cumulativeSplit(total, sharesOf(rule, parameter, clients, request));
      const smallest = sizes.reduce((least, size) => Math.min(least, size), Infinity);
      if (smallest >= minimumExamples) return { quotas: sampleAtRandom(request, sizes) };
      best = Math.max(best, smallest);
    }
    throw impossible(
      `The ${rule} rule leaves a client with ${best} of ${total} examples, but ${minimumExamples} are the minimum.`,
      'Use fewer clients, a milder skew, or a lower partition.minimumExamples.',
    );
  },
});

function sharesOf(
  rule: 'dirichlet' | 'power-law' | 'linear' | 'exponential',
  parameter: number,
  clients: number,
  { random }: PartitionRequest,
): number[] {
  if (rule === 'dirichlet') return random.dirichlet(Array<number>(clients).fill(parameter));
  const weights = Array.from({ length: clients }, (_, k) => {
    if (rule === 'power-law') return (k + 1) ** -parameter;
    // Over the largest, so that no power overflows.
    return rule === 'linear' ? k + 1 : Math.exp(parameter * (k + 1 - clients));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
