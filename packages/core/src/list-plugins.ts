import type { OptionsSchema, PluginKind } from './contracts/index.js';
import { type Catalogue, loadPlugins } from './plugins/index.js';
import { parseSpec, readSpec } from './spec/index.js';

/** A plugin as `fedx plugins` shows it. */
export interface PluginListing {
  readonly kind: PluginKind;
  readonly name: string;
  /** The package or file that it came from. */
  readonly origin: string;
  /** Of the package; absent for a file. */
  readonly version?: string;
  /** What it does. */
  readonly description: string;
  /** Its options as JSON Schema. */
  readonly options: OptionsSchema;
}

/**
 * All plugins of `builtIns`, and with `file` those that the spec there names, which is executed; by kind and name.
 * What else is wrong with the spec is no error here.
 */
export async function listPlugins(builtIns: Catalogue, file?: string): Promise<readonly PluginListing[]> {
  const { entries } = file === undefined ? builtIns : await withPluginsOf(file, builtIns);
  return entries.map(({ plugin: { kind, name, options }, origin, version }) => {
    const { description = '' } = options as { readonly description?: string };
    return { kind, name, origin, ...(version !== undefined && { version }), description, options };
  });
}

async function withPluginsOf(file: string, builtIns: Catalogue): Promise<Catalogue> {
  const { plugins, directory } = await parseSpec(file, await readSpec(file), []);
  return builtIns.with(await loadPlugins(plugins, directory));
}
