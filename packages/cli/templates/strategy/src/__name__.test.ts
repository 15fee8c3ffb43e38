import { test } from 'node:test';
import { strategyConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of strategyConformance(plugin, {
  options: { serverLearningRate: 0.5 },
  claims: { still: true, symmetric: true },
}))
  void test(title, run);
