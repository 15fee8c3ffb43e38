import type { RunGlance } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { plain } from './paint.js';
import { renderRunList } from './run-list.js';

const run: RunGlance = {
  id: '20261123-093201-n-3f9a',
  name: 'n',
  status: 'completed',
  started: 0,
  seconds: 2.5,
  arms: ['federated', 'iid'],
  seed: 7,
  overrides: { 'strategy.mu': 0.1 },
  latest: { federated: { step: 3, metrics: { 'test/accuracy': 0.8123 } } },
};

describe('the list of runs', () => {
  it('is a line a run', async () => {
    const torn: RunGlance = { ...run, status: 'unfinished', seconds: 0, arms: [], overrides: {}, latest: {} };
    const { seed: _, ...withoutSeed } = torn;
    expect((await renderRunList({ runs: [run, withoutSeed], total: 12 }, plain, 100)).split('\n')).toEqual([
      'run                     status      accuracy    time  seed  arms           changed',
      '20261123-093201-n-3f9a  completed     0.8123  2.50 s     7  federated iid  strategy.mu=0.1',
      '20261123-093201-n-3f9a  unfinished         –  0.0 ms     –',
      '… and 10 more; --limit shows them',
    ]);
  });

  it('fits 80 columns: paths short, arms and seconds left out', async () => {
    const overrides = { 'client.optimizer.learningRate': 0.1, 'partition.dominantShare': 0.55, seed: 7 };
    const runs = [{ ...run, id: '20261123-093201-noniid-mnist-3f9a', overrides }];
    expect((await renderRunList({ runs, total: 1 }, plain, 80)).split('\n')).toEqual([
      'run                                status     accuracy  seed  changed',
      '20261123-093201-noniid-mnist-3f9a  completed    0.8123     7  learningRate=0.1 …',
    ]);
    const wide = (await renderRunList({ runs, total: 1 }, plain, 140)).split('\n');
    expect(wide[1]).toMatch(/federated iid {2}learningRate=0.1 dominantShare=0.55 seed=7$/);
  });

  it('says that there are none', async () => {
    expect(await renderRunList({ runs: [], total: 0 }, plain, 80)).toBe('No runs.');
  });
});
