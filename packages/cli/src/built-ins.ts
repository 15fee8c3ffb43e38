import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedPlugin, Plugin } from '@fedx/core/host';
import { packageFolder } from './package-folder.js';

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
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
