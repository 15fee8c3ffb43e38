import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core/config';
import type { Manifest } from '@oclif/core/interfaces';

const cliPackage = fileURLToPath(new URL('../../packages/cli/', import.meta.url));

/**
 * What oclif knows of the commands before it loads one, read from the commands themselves: their summaries, arguments and
 * flags, and the file of each. With it a command line loads one command, and `--help` none.
 */
export async function readCommands(): Promise<Manifest> {
  const plugin = new Plugin({ root: cliPackage, ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  const { commands, version } = plugin.manifest;
  return { commands: Object.fromEntries(Object.entries(commands).toSorted(([a], [b]) => (a < b ? -1 : 1))), version };
}
