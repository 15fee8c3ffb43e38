import type { Plugin, PluginKind, PluginOfKind } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/** A plugin and where it came from: a file or a package, as the spec names it. */
export interface LoadedPlugin {
  readonly plugin: Plugin;
  readonly origin: string;
  /**
   * The files that it was loaded from, absolute, those that it imports included: what a plugin does is what stands there. Absent for
   * those that ship.
   */
  readonly files?: readonly string[];
  /** Version of the package; absent for a file. */
  readonly version?: string;
}

/** The plugins of a run, by kind and name. */
export interface Catalogue {
  /** The plugin that a slot's `use` chooses; undefined where there is none. */
  find<Kind extends PluginKind>(kind: Kind, name: string): PluginOfKind[Kind] | undefined;
  /** All plugins of a kind, by name. */
  list<Kind extends PluginKind>(kind: Kind): readonly PluginOfKind[Kind][];
  /** All plugins with where they came from, by kind and name. */
  readonly entries: readonly LoadedPlugin[];
  /** A catalogue that has `more` as well. Throws FEDX_PLUGIN_INVALID where a kind and name is taken. */
  with(more: readonly LoadedPlugin[]): Catalogue;
}

/** A catalogue of plugins; one that does not say so came from `fedx`. Throws FEDX_PLUGIN_INVALID where two share kind and name. */
export function createCatalogue(plugins: readonly (Plugin | LoadedPlugin)[]): Catalogue {
  return catalogueOf(
    new Map(),
    plugins.map((entry) => ('plugin' in entry ? entry : { plugin: entry, origin: 'fedx' })),
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
    entries: [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, loaded]) => loaded),
    with: (others) => catalogueOf(byName, others),
  };
}

function keyOf(kind: PluginKind, name: string): string {
  return `${kind} ${name}`;
}

function isOfKind<Kind extends PluginKind>(plugin: Plugin, kind: Kind): plugin is PluginOfKind[Kind] {
  return plugin.kind === kind;
}
