import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LoadedPlugin } from './catalogue.js';

/** SHA-256, hex, of each plugin's files, by the plugin's name in the spec: what plugins do is what stands in their files. */
export async function pluginDigests(plugins: readonly LoadedPlugin[]): Promise<Readonly<Record<string, string>>> {
  const digests = plugins.map(async ({ origin, files = [] }): Promise<[string, string]> => {
    const hash = createHash('sha256');
    for (const file of files) hash.update(await readFile(file));
    return [origin, hash.digest('hex')];
  });
  return Object.fromEntries(await Promise.all(digests));
}
