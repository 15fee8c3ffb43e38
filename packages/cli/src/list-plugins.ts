import { FedxError, type Host, type PluginListing, suggest } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { paintFor } from './views/paint.js';
import { renderPlugin, renderPlugins } from './views/plugins.js';

export interface ListCommand {
  readonly host: Pick<Host, 'plugins'>;
  /** A spec whose own plugins are listed too. */
  readonly spec: string | undefined;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/** Lists all plugins. The JSON document is `{ plugins }`. */
export async function listPlugins({ host, spec, mode, terminal }: ListCommand): Promise<void> {
  const plugins = await host.plugins(spec);
  if (mode === 'json') writeJson(terminal.stdout, { plugins });
  else writeLine(terminal.stdout, await renderPlugins(plugins, paintFor(terminal.stdout)));
}

export interface ShowCommand extends ListCommand {
  /** NAME or KIND/NAME. */
  readonly name: string;
}

/** Explains the plugins of a name. The JSON document is `{ plugins }`. Throws FEDX_USAGE where there is none. */
export async function showPlugin({ host, name, spec, mode, terminal }: ShowCommand): Promise<void> {
  const known = await host.plugins(spec);
  const plugins = known.filter((plugin) => plugin.name === name || pathOf(plugin) === name);
  if (plugins.length === 0) throw unknown(name, known);
  const paint = paintFor(terminal.stdout);
  if (mode === 'json') writeJson(terminal.stdout, { plugins });
  else {
    const shown = await Promise.all(plugins.map((plugin) => renderPlugin(plugin, paint)));
    writeLine(terminal.stdout, shown.join('\n\n'));
  }
}

function pathOf({ kind, name }: PluginListing): string {
  return `${kind}/${name}`;
}

function unknown(name: string, known: readonly PluginListing[]): FedxError {
  const names = name.includes('/') ? known.map(pathOf) : [...new Set(known.map((plugin) => plugin.name))];
  return new FedxError('FEDX_USAGE', `There is no plugin ${JSON.stringify(name)}.`, {
    hint: suggest(name, names.toSorted(), 'Plugins'),
  });
}
