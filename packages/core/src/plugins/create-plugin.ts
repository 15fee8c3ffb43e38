import type { Plugin } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { awaitPlugin, callPlugin } from './call-plugin.js';
import { createdMembers, describe, whyUnfit } from './contract-members.js';
import { definitionOf } from './own-code.js';

/** A plugin of a kind that has `create`. */
type CreatingPlugin = Extract<Plugin, { readonly kind: keyof typeof createdMembers }>;

/**
 * What a plugin's `create` gives, with all that the contract of its kind asks for. Throws FEDX_PLUGIN_FAILED, naming the
 * plugin and its line, where it throws or gives something else.
 */
export function createPlugin<Created>(plugin: CreatingPlugin, create: () => Created): Created {
  return checkCreated(plugin, callPlugin(plugin.name, 'to start', create));
}

/** {@link createPlugin} for kinds whose `create` may take its time. */
export async function awaitCreated<Created>(
  plugin: CreatingPlugin,
  create: () => Created | Promise<Created>,
): Promise<Created> {
  return checkCreated(plugin, await awaitPlugin(plugin.name, 'to start', create));
}

function checkCreated<Created>(plugin: CreatingPlugin, created: Created): Created {
  const why = whyNotCreated(plugin, created);
  if (why === undefined) return created;
  const { kind, name } = plugin;
  throw new FedxError('FEDX_PLUGIN_FAILED', `The ${kind} ${name} cannot be used: its create ${why}.`, {
    place: { ...definitionOf(plugin), plugin: name },
    hint: `Return what a ${kind} is made of: see ${kind} in docs/plugins.md.`,
  });
}

function whyNotCreated({ kind }: CreatingPlugin, created: unknown): string | undefined {
  if (created instanceof Promise) return `returned a promise, but a ${kind} is made at once`;
  if (typeof created !== 'object' || created === null)
    return `returned ${describe(created)}, where an object is needed`;
  const why = whyUnfit(created, createdMembers[kind]);
  if (why !== undefined) return `returned an object that ${why}`;
  const isIdle = kind === 'attack' && !('relabel' in created) && !('forge' in created);
  return isIdle ? 'returned an object that needs a function relabel or forge' : undefined;
}
