import { FedxError } from '@fedx/core';
import { loadBuiltIns, packageVersion } from './built-ins.js';
import { type Created, reportCreated } from './report-created.js';
import { writeTemplates } from './write-templates.js';

export interface StartPluginCommand extends Created {
  /** A plugin kind. */
  readonly kind: string;
  /** The plugin's name, to be checked. */
  readonly name: string;
  /** Where to write, from the working directory. */
  readonly directory: string;
}

/**
 * Writes a package with a plugin, its test and a spec that uses it.
 * Throws FEDX_USAGE for a name that no plugin can have, and FEDX_FILE_EXISTS where a file is there already.
 */
export async function startPlugin({ kind, name, directory, mode, terminal }: StartPluginCommand): Promise<void> {
  await checkName(kind, name);
  const words = { name, kind, fedx: `^${await packageVersion()}` };
  const files = await writeTemplates(['plugin', kind], directory, words);
  reportCreated({ directory, files, next: ['npm install', 'npm test', 'npm run example'], mode, terminal });
}

/** Names are part of file names and of an npm package's name. */
async function checkName(kind: string, name: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(name)) {
    const near = name
      .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 100);
    throw new FedxError('FEDX_USAGE', `${JSON.stringify(name)} is no name for a plugin.`, {
      hint: `A name has 1 to 100 of a-z, 0-9 and -, and begins with a letter or digit${near === '' ? '' : `, e.g. ${near}`}.`,
    });
  }
  const taken = (await loadBuiltIns()).find(({ plugin }) => plugin.kind === kind && plugin.name === name);
  if (taken === undefined) return;
  throw new FedxError('FEDX_USAGE', `There is a ${kind} called ${name} already, in ${taken.origin}.`, {
    hint: 'No two plugins of one kind share a name: choose another.',
  });
}
