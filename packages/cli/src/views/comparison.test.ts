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

describe('a comparison', () => {
  it('shows configurations, differences and what was left out', async () => {
    expect((await renderComparison(comparison, plain)).split('\n')).toEqual([
      'test/accuracy at last',
      'arm        configuration  seeds    mean     std    95 % interval',
      'federated  strategy.mu=0      2  0.8000  0.0100  0.7100 … 0.8900',
      'federated  –                  1  0.7000       –                –',
      '',
      'Differences, paired by seed on the same split',
      'arm        configuration  less                           pairs  difference      95 % interval         p',
      'federated  strategy.mu=1  strategy.mu=0  2 (1 on other splits)     −0.0200  −0.0290 … −0.0110  < 0.0001',
      'iid        –              centralized    0 (1 on other splits)           –                  –         –',
      '',
      'left out  iid: failed (2 times)',
      'left out  run: its spec.resolved.yaml cannot be read',
    ]);
  });

  it('names the step, and leaves out what there is not', async () => {
    const text = await renderComparison({ ...comparison, at: 50, differences: [], leftOut: [] }, plain);
    expect(text).toMatch(/^test\/accuracy at step 50\n/);
    expect(text.split('\n')).toHaveLength(4);
  });
});
