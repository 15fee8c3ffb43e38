import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Metric } from '../contracts/index.js';
import { defineMetric } from '../plugins/index.js';
import { metricConformance } from './metric.js';

function failures(metric: Metric, better: 'higher' | 'lower' = 'higher'): Promise<readonly string[]> {
  const plugin = defineMetric({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    better,
    create: () => metric,
  });
  return titlesOfFailures(metricConformance(plugin));
}

const right: Metric = {
  measure: ({ tf, logits, labels }) => ({ right: tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), labels) }),
  finish: ({ total, examples }) => total('right') / examples,
};

describe('the conformance suite of metrics', () => {
  it('passes metrics of one number and of several', async () => {
    expect(await failures(right)).toEqual([]);
    expect(
      await failures({
        measure: ({ tf, logits, labels, classes }) => ({
          own: tf.mul(tf.softmax(logits), tf.oneHot(labels, classes)),
        }),
        finish: ({ sums, examples }) =>
          Object.fromEntries(sums('own').map((sum, label) => [`class-${label}`, sum / examples])),
      }),
    ).toEqual([]);
  });

  it.each<[string, Partial<Metric>, readonly string[]]>([
    [
      'one that looks at its batch',
      { measure: ({ tf, logits }) => ({ right: tf.mul(tf.onesLike(tf.max(logits, 1)), tf.mean(logits)) }) },
      ['measures each example by itself, in any batch'],
    ],
    [
      'a division by the examples of a class',
      { finish: ({ total, values }) => total('right') / values('right').filter((value) => value === 0).length },
      [
        'says something finite, or nothing, of any examples',
        'is no better where all predictions are wrong than where all are right',
      ],
    ],
    [
      'one that measures its batch and not its examples',
      { measure: ({ tf, logits }) => ({ right: tf.mean(logits) }) },
      [
        'measures each example by itself, in any batch',
        'compiles, to the same program each time',
        'says something finite, or nothing, of any examples',
        'says the same of the same examples, in any order and whenever it is asked',
        'is no better where all predictions are wrong than where all are right',
      ],
    ],
  ])('finds %s', async (_, change, titles) => {
    expect(await failures({ ...right, ...change })).toEqual(titles);
  });

  it('finds one that is better the other way round', async () => {
    expect(await failures(right, 'lower')).toEqual([
      'is no better where all predictions are wrong than where all are right',
    ]);
  });
});
