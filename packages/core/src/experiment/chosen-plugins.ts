import type { PluginKind, PluginOfKind } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import type { Catalogue } from '../plugins/index.js';
import { fillSecrets, type Slot } from '../spec/index.js';

/** The plugin that a slot chooses. The spec was resolved against the catalogue, so that it is there. */
export function pluginOf<Kind extends PluginKind>(catalogue: Catalogue, kind: Kind, { use }: Slot): PluginOfKind[Kind] {
  const plugin = catalogue.find(kind, use);
  if (plugin === undefined) throw new FedxError('FEDX_INTERNAL', `There is no ${kind} ${use}.`);
  return plugin;
}

/** A slot's options, less its `use`, as a plugin gets them: with the secrets that the spec only names. */
export function optionsOf({ use: _, ...options }: Slot): Readonly<Record<string, unknown>> {
  return fillSecrets(options, process.env);
}
