import type { FolderComparison } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { renderComparison } from './comparison.js';
import { plain } from './paint.js';

const comparison: FolderComparison = {
  metric: 'test/accuracy',
  at: 'last',
  arms: [
    {
      arm: 'federated',
      configuration: { 'strategy.mu': 0 },
      count: 2,
      mean: 0.8,
      standardDeviation: 0.01,
      interval: [0.71, 0.89],
      seeds: [1, 2],
      values: [0.79, 0.81],
      runs: ['a', 'b'],
    },
    { arm: 'federated', configuration: {}, count: 1, mean: 0.7, seeds: [1], values: [0.7], runs: ['c'] },
  ],
  differences: [
    {
      arm: 'federated',
      configuration: { 'strategy.mu': 1 },
      baseline: { arm: 'federated', configuration: { 'strategy.mu': 0 } },
      seeds: [1, 2],
      unpaired: [3],
      count: 2,
      mean: -0.02,
      standardDeviation: 0.001,
      interval: [-0.029, -0.011],
      pValue: 0.00001,
    },
    {
      arm: 'iid',
      configuration: {},
      baseline: { arm: 'centralized', configuration: {} },
      seeds: [],
      unpaired: [1],
    },
  ],
  leftOut: [
    { run: 'd', arm: 'iid', reason: 'failed' },
    { run: 'e', arm: 'iid', reason: 'failed' },
    { run: 'f', reason: 'its spec.resolved.yaml cannot be read' },
  ],
};

const lines = async (of: FolderComparison, width = 80) => (await renderComparison(of, plain, width)).split('\n');

describe('a comparison', () => {
  it('shows configurations, differences, what is not paired and what was left out', async () => {
    expect(await lines(comparison)).toEqual([
      'test/accuracy at last',
      'arm        configuration  seeds    mean     std    95 % interval',
      'federated  strategy.mu=0      2  0.8000  0.0100  0.7100 … 0.8900',
      'federated  –                  1  0.7000       –                –',
      '',
      'Differences, paired by seed on the same split',
      'arm        configuration  less         pairs  difference      95 % interval',
      'federated  mu=1           mu=0             2     −0.0200  −0.0290 … −0.0110',
      'iid        –              centralized      0           –                  –',
      '',
      'not paired  runs of one seed have other images in other places, or do not say which; compare the means by their intervals',
      'left out  iid: failed (2 times)',
      'left out  run: its spec.resolved.yaml cannot be read',
      'fedx resume RUN goes on with each of d, e.',
    ]);
  });

  it('names one baseline in the heading, and what decides the split', async () => {
    const share = (value: number) => ({ 'partition.dominantShare': value });
    const [first] = comparison.arms;
    const [difference] = comparison.differences;
    if (first === undefined || difference === undefined) throw new TypeError('the example has an arm and a difference');
    const { mean: _, interval: __, pValue: ___, count: ____, standardDeviation: _____, ...unpaired } = difference;
    const swept: FolderComparison = {
      ...comparison,
      arms: [0.5, 0.9].map((value) => ({ ...first, configuration: share(value) })),
      differences: [
        {
          ...unpaired,
          configuration: share(0.9),
          baseline: { arm: 'federated', configuration: share(0.5) },
          seeds: [],
          unpaired: [1, 2],
        },
      ],
      leftOut: [{ run: 'd', arm: 'iid', reason: 'interrupted' }],
    };
    expect((await lines(swept)).slice(5)).toEqual([
      'Differences from partition.dominantShare=0.5, paired by seed on the same split',
      'arm        configuration                pairs  difference  95 % interval  p',
      'federated  partition.dominantShare=0.9      0           –              –  –',
      '',
      'not paired  partition.dominantShare decides who has which images; compare the means by their intervals',
      'left out  iid: interrupted',
      'fedx resume d goes on with it.',
    ]);
    const other = { ...swept, differences: [{ ...swept.differences[0], unpaired: [] }] } as FolderComparison;
    expect((await lines(other)).at(9)).toMatch(/^not paired {2}no seed was run both ways;/);
  });

  it('writes paths short on a narrow terminal, and leaves out spread before means', async () => {
    const configuration = { 'client.optimizer.learningRate': 0.003 };
    const [first] = comparison.arms;
    if (first === undefined) throw new TypeError('the example has an arm');
    const narrow = { ...comparison, arms: [{ ...first, configuration }], differences: [], leftOut: [] };
    expect(await lines(narrow, 76)).toEqual([
      'test/accuracy at last',
      'arm        configuration       seeds    mean     std    95 % interval',
      'federated  learningRate=0.003      2  0.8000  0.0100  0.7100 … 0.8900',
    ]);
    expect(await lines(narrow, 50)).toEqual([
      'test/accuracy at last',
      'arm        configuration       seeds    mean',
      'federated  learningRate=0.003      2  0.8000',
    ]);
  });

  it('names the step, and leaves out what there is not', async () => {
    const text = await renderComparison({ ...comparison, at: 50, differences: [], leftOut: [] }, plain, 80);
    expect(text).toMatch(/^test\/accuracy at step 50\n/);
    expect(text.split('\n')).toHaveLength(4);
  });
});
