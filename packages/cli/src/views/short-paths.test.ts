import { expect, it } from 'vitest';
import { shortOverridesText } from './short-paths.js';

it('a path is cut to what tells it from the others', () => {
  const all = [
    { 'client.optimizer.learningRate': 0.1, 'partition.use': 'iid', seed: 1 },
    { 'strategy.use': 'fedavg', 'client.batchSize': 'all' },
  ];
  expect(all.map(shortOverridesText(all))).toEqual([
    'learningRate=0.1 partition.use=iid seed=1',
    'strategy.use=fedavg batchSize=all',
  ]);
});
