import type { Attack, Strategy } from '../../contracts/index.js';
import type { FederatedData } from '../../data/index.js';
import { FedxError } from '../../errors/index.js';
import { type Catalogue, callPlugin, createPlugin } from '../../plugins/index.js';
import type { Random } from '../../random/index.js';
import type { ExperimentSpec } from '../../spec/index.js';
import { optionsOf, pluginOf } from '../chosen-plugins.js';
import type { Environment } from '../clients/environment.js';
import { planPrivacy } from './privacy.js';
import { createUplink, type Uplink } from './uplink.js';

/** What an uplink is made from. */
interface Made {
  readonly spec: ExperimentSpec;
  readonly catalogue: Catalogue;
  readonly data: FederatedData;
  readonly streams: Readonly<Record<'environment' | 'noise', Random>>;
  readonly environment: Environment;
}

/** The uplink of an arm, made anew for each. Throws FEDX_PRIVACY_UNMET where it could not keep what the spec asks for. */
export function makeUplink(experiment: Made, strategy: Strategy): Uplink {
  const { spec, catalogue, data, streams, environment } = experiment;
  const transforms = spec.transforms.map((slot) => {
    const plugin = pluginOf(catalogue, 'transform', slot);
    return { name: slot.use, plugin: createPlugin(plugin, () => plugin.create(optionsOf(slot))) };
  });
  const { cohort, rounds } = spec.server;
  const sampler = pluginOf(catalogue, 'sampler', cohort);
  const weights = spec.server.weights ?? strategy.weights ?? 'examples';
  const privacy = planPrivacy({
    steps: transforms.map(({ name, plugin }) => ({ name, privacy: plugin.privacy })),
    weights,
    inclusion: callPlugin(sampler.name, 'to say how it samples', () => sampler.inclusion?.(optionsOf(cohort))),
    asksLosses: sampler.candidates !== undefined,
    clients: data.clients.length,
    rounds,
    environment: spec.environment,
  });
  return createUplink({
    attack: makeAttack(experiment),
    attackers: environment.attackers,
    transforms,
    privacy,
    reads: strategy.reads ?? 'each',
    weights,
    environment: streams.environment,
    noise: streams.noise,
  });
}

/** The class that attackers train each label as; undefined where they train as others do. */
export function labelMapOf(experiment: Made): Float32Array | undefined {
  const attack = makeAttack(experiment);
  if (attack?.plugin.relabel === undefined) return undefined;
  const { name, plugin } = attack;
  const { classes } = experiment.data.dataset;
  return Float32Array.from({ length: classes }, (_, label) => {
    const made = callPlugin(name, `to relabel class ${label}`, () => plugin.relabel?.(label, classes));
    if (made !== undefined && Number.isInteger(made) && made >= 0 && made < classes) return made;
    const message = `The attack ${name} made ${String(made)} of class ${label}, which is none of the ${classes} classes.`;
    throw new FedxError('FEDX_PLUGIN_FAILED', message, { place: { plugin: name } });
  });
}

/** What attackers do, made anew; undefined where there are none. */
export function makeAttack({
  spec,
  catalogue,
}: Pick<Made, 'spec' | 'catalogue'>): { readonly name: string; readonly plugin: Attack } | undefined {
  const slot = spec.environment.attackers?.attack;
  if (slot === undefined) return undefined;
  const plugin = pluginOf(catalogue, 'attack', slot);
  return { name: slot.use, plugin: createPlugin(plugin, () => plugin.create(optionsOf(slot))) };
}
