import { modelConformance, optimizerConformance, type Setup } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { models, optimizers } from './index.js';

/** How each model and optimizer is tested; one whose defaults will do may be left out. */
const setups: Readonly<Record<string, Setup>> = {
  mlp: { options: { hidden: [6, 5], activation: 'tanh' } },
  sgd: { options: { learningRate: 0.1 } },
};

it('has every plugin among those that are tested', () => {
  expect(models.map(({ kind }) => kind)).toEqual(models.map(() => 'model'));
  expect(optimizers.map(({ kind }) => kind)).toEqual(optimizers.map(() => 'optimizer'));
});

describe.each(models.filter((plugin) => plugin.kind === 'model'))('the model $name', (plugin) => {
  for (const { title, run } of modelConformance(plugin, setups[plugin.name])) it(title, run);
});

describe.each(optimizers.filter((plugin) => plugin.kind === 'optimizer'))('the optimizer $name', (plugin) => {
  for (const { title, run } of optimizerConformance(plugin, setups[plugin.name])) it(title, run);
});
