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

it('options that are the same wherever a plugin is chosen are left out', () => {
  const all = [
    { 'strategy.use': 'krum', 'strategy.attackers': 2, 'attack.use': 'alie' },
    { 'strategy.use': 'krum', 'strategy.attackers': 2, 'attack.use': 'sign-flip', 'attack.factor': 1 },
    { 'strategy.use': 'fedprox', 'strategy.mu': 0.1, 'attack.use': 'alie' },
    { 'strategy.use': 'fedprox', 'strategy.mu': 1, 'attack.use': 'alie' },
  ];
  expect(all.map(shortOverridesText(all))).toEqual([
    'strategy.use=krum attack.use=alie',
    'strategy.use=krum attack.use=sign-flip',
    'strategy.use=fedprox mu=0.1 attack.use=alie',
    'strategy.use=fedprox mu=1 attack.use=alie',
  ]);
});

it('a plugin with its options is written as its paths', () => {
  const all = [{ strategy: { use: 'fedavg' } }, { strategy: { use: 'fedprox', mu: 0.1 } }];
  expect(all.map(shortOverridesText(all))).toEqual(['strategy.use=fedavg', 'strategy.use=fedprox']);
});

it('an option without a choice of plugin beside it stays', () => {
  const all = [{ 'strategy.mu': 0.1 }, { 'strategy.mu': 0.1 }];
  expect(all.map(shortOverridesText(all))).toEqual(['mu=0.1', 'mu=0.1']);
});

it('what differs most comes first', () => {
  const all = ['fedavg', 'fedprox', 'scaffold'].flatMap((use) =>
    ['mlp', 'lenet'].map((model) => ({ 'model.use': model, 'strategy.use': use })),
  );
  expect(shortOverridesText(all)(all[3] ?? {})).toBe('strategy.use=fedprox model.use=lenet');
});
