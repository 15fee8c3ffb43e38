import {
  type ModelSetup,
  metricConformance,
  modelConformance,
  optimizerConformance,
  type Setup,
  scheduleConformance,
} from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { metrics, models, optimizers, schedules } from './index.js';

/** How each model is tested; small, as plain tfjs computes it. */
const small = { inputShape: [8, 8, 1], classes: 3 };
const modelSetups: Readonly<Record<string, ModelSetup>> = {
  mlp: { ...small, options: { hidden: [6, 5], activation: 'tanh' } },
  lenet: { ...small, inputShape: [16, 16, 1] },
  'resnet-gn': { ...small, options: { stages: [1], width: 4, groups: 2 } },
  'lstm-classifier': { inputShape: [5, 4], classes: 3, options: { units: 4 } },
};

/** How each optimizer is tested. */
const optimizerSetups: Readonly<Record<string, Setup>> = {};

/** How each schedule is tested; one whose defaults will do may be left out. */
const scheduleSetups: Readonly<Record<string, Setup>> = {
  step: { options: { every: 10 } },
  exponential: { options: { gamma: 0.9 } },
};

it('has every plugin among those that are tested', () => {
  expect(models.map(({ kind }) => kind)).toEqual(models.map(() => 'model'));
  expect(optimizers.map(({ kind }) => kind)).toEqual(optimizers.map(() => 'optimizer'));
  expect(metrics.map(({ kind }) => kind)).toEqual(metrics.map(() => 'metric'));
  expect(schedules.map(({ kind }) => kind)).toEqual(schedules.map(() => 'schedule'));
});

/** Starts from a file that tfjs saved; saved-layers.test.ts has one. */
const startsFromFile = 'layers';

describe.each(models.filter((plugin) => plugin.kind === 'model').filter(({ name }) => name !== startsFromFile))(
  'the model $name',
  (plugin) => {
    for (const { title, run } of modelConformance(plugin, modelSetups[plugin.name] ?? small)) {
      // Plain tfjs takes its time over convolutions.
      it(title, { timeout: 120_000 }, run);
    }
  },
);

describe.each(optimizers.filter((plugin) => plugin.kind === 'optimizer'))('the optimizer $name', (plugin) => {
  const setup = optimizerSetups[plugin.name] ?? { options: { learningRate: 0.1 } };
  for (const { title, run } of optimizerConformance(plugin, setup)) it(title, run);
});

describe.each(schedules.filter((plugin) => plugin.kind === 'schedule'))('the schedule $name', (plugin) => {
  for (const { title, run } of scheduleConformance(plugin, scheduleSetups[plugin.name])) it(title, run);
});

describe.each(metrics.filter((plugin) => plugin.kind === 'metric'))('the metric $name', (plugin) => {
  const setup = plugin.name === 'top-k-accuracy' ? { options: { k: [1, 3] } } : {};
  for (const { title, run } of metricConformance(plugin, setup)) it(title, run);
});
