import type { Plugin, PluginKind, PluginOfKind } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/** A plugin and where it came from: a file, a package, or `fedx` for those that ship. */
export interface LoadedPlugin {
  readonly plugin: Plugin;
  readonly origin: string;
  /** The file that it was loaded from, absolute: what a plugin does is what stands there. Absent for those that ship. */
  readonly file?: string;
}

/** The plugins of a run, by kind and name. */
export interface Catalogue {
  /** The plugin that a slot's `use` chooses; undefined where there is none. */
  find<Kind extends PluginKind>(kind: Kind, name: string): PluginOfKind[Kind] | undefined;
  /** All plugins of a kind, by name. */
  list<Kind extends PluginKind>(kind: Kind): readonly PluginOfKind[Kind][];
  /** A catalogue that has `more` as well. Throws FEDX_PLUGIN_INVALID where a kind and name is taken. */
  with(more: readonly LoadedPlugin[]): Catalogue;
}

/** A catalogue of plugins that ship with `origin`. Throws FEDX_PLUGIN_INVALID where two share kind and name. */
export function createCatalogue(plugins: readonly Plugin[], origin = 'fedx'): Catalogue {
  return catalogueOf(
    new Map(),
    plugins.map((plugin) => ({ plugin, origin })),
  );
}

function catalogueOf(before: ReadonlyMap<string, LoadedPlugin>, more: readonly LoadedPlugin[]): Catalogue {
  const byName = new Map(before);
  for (const loaded of more) {
    const { kind, name } = loaded.plugin;
    const other = byName.get(keyOf(kind, name));
    if (other !== undefined) {
      const origins =
        other.origin === loaded.origin
          ? `both from ${other.origin}`
          : `one from ${other.origin}, one from ${loaded.origin}`;
      throw new FedxError(
        'FEDX_PLUGIN_INVALID',
        `There are two plugins called ${name} of the kind ${kind}: ${origins}.`,
        {
          place: { plugin: name, file: loaded.origin },
          hint: 'Give one of them another name.',
        },
      );
    }
    byName.set(keyOf(kind, name), loaded);
  }
  return {
    find(kind, name) {
      const plugin = byName.get(keyOf(kind, name))?.plugin;
      return plugin && isOfKind(plugin, kind) ? plugin : undefined;
    },
    list: (kind) =>
      [...byName.values()]
        .map(({ plugin }) => plugin)
        .filter((plugin) => isOfKind(plugin, kind))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    with: (others) => catalogueOf(byName, others),
  };
}

function keyOf(kind: PluginKind, name: string): string {
  return `${kind} ${name}`;
}

function isOfKind<Kind extends PluginKind>(plugin: Plugin, kind: Kind): plugin is PluginOfKind[Kind] {
  return plugin.kind === kind;
}
