import {
  attackConformance,
  type Setup,
  type StrategySetup,
  samplerConformance,
  strategyConformance,
  transformConformance,
} from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { attacks, samplers, strategies, transforms } from './index.js';

/** What each strategy claims, and the options that it is tested with. */
const strategySetups: Readonly<Record<string, StrategySetup>> = {
  fedavg: { claims: { still: true, unanimous: true, symmetric: true } },
  fedavgm: { claims: { still: true, unanimous: true, symmetric: true } },
  fedprox: { claims: { still: true, unanimous: true, symmetric: true } },
  ditto: { claims: { still: true, unanimous: true, symmetric: true } },
  fedmedian: { claims: { still: true, unanimous: true, symmetric: true } },
  krum: { options: { attackers: 0 }, claims: { still: true, unanimous: true, symmetric: true } },
  'multi-krum': { options: { attackers: 0 }, claims: { still: true, symmetric: true } },
  bulyan: { options: { attackers: 0 }, claims: { still: true, symmetric: true } },
};

/** How each sampler is tested; one whose defaults will do may be left out. */
const samplerSetups: Readonly<Record<string, Setup>> = {
  availability: { options: { clients: 1, period: 1, on: 1 } },
  fixed: { options: { rounds: [[0]] } },
  poisson: { options: { probability: 0.4 } },
  'power-of-choice': { options: { clients: 1, candidates: 1 } },
  uniform: { options: { share: 0.3 } },
};

/** What transforms and attacks need that have an option without a default. */
const uplinkSetups: Readonly<Record<string, Setup>> = {
  'norm-clip': { options: { norm: 0.5 } },
  'adaptive-clip': { options: { countNoise: 1 } },
  'transform gaussian': { options: { noise: 0.1, scope: 'local' } },
  'attack gaussian': { options: { deviation: 2 } },
  'top-k': { options: { share: 0.1 } },
};
const uplinkSetup = (kind: string, name: string) => uplinkSetups[name] ?? uplinkSetups[`${kind} ${name}`];

it('has every plugin among those that are tested', () => {
  expect(strategies.map(({ kind }) => kind)).toEqual(strategies.map(() => 'strategy'));
  expect(samplers.map(({ kind }) => kind)).toEqual(samplers.map(() => 'sampler'));
  expect(transforms.map(({ kind }) => kind)).toEqual(transforms.map(() => 'transform'));
  expect(attacks.map(({ kind }) => kind)).toEqual(attacks.map(() => 'attack'));
});

describe.each(strategies.filter((plugin) => plugin.kind === 'strategy'))('the strategy $name', (plugin) => {
  for (const { title, run } of strategyConformance(plugin, strategySetups[plugin.name])) it(title, run);
});

describe.each(samplers.filter((plugin) => plugin.kind === 'sampler'))('the sampler $name', (plugin) => {
  for (const { title, run } of samplerConformance(plugin, samplerSetups[plugin.name])) it(title, run);
});

describe.each(transforms.filter((plugin) => plugin.kind === 'transform'))('the transform $name', (plugin) => {
  for (const { title, run } of transformConformance(plugin, uplinkSetup('transform', plugin.name))) it(title, run);
});

describe.each(attacks.filter((plugin) => plugin.kind === 'attack'))('the attack $name', (plugin) => {
  for (const { title, run } of attackConformance(plugin, uplinkSetup('attack', plugin.name))) it(title, run);
});
