import { readFile } from 'node:fs/promises';
import type { LoadedPlugin, Plugin } from '@fedx/core/host';

/** The plugins that ship with fedx. Loaded when a command needs them, so that `--help` does not wait for them. */
export async function loadBuiltIns(): Promise<readonly LoadedPlugin[]> {
  const [
    version,
    { datasets },
    { metrics, models, optimizers, schedules },
    { partitioners },
    { attacks, samplers, strategies, transforms },
  ] = await Promise.all([
    packageVersion(),
    import('@fedx/datasets'),
    import('@fedx/models'),
    import('@fedx/partitioners'),
    import('@fedx/strategies'),
  ]);
  const from = (origin: string, plugins: readonly Plugin[]): readonly LoadedPlugin[] =>
    plugins.map((plugin) => ({ plugin, origin, version }));
  return [
    ...from('@fedx/datasets', datasets),
    ...from('@fedx/models', [...models, ...optimizers, ...schedules, ...metrics]),
    ...from('@fedx/partitioners', partitioners),
    ...from('@fedx/strategies', [...strategies, ...samplers, ...transforms, ...attacks]),
  ];
}

/** The version of this package, with which all packages of fedx are released together. */
export async function packageVersion(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
