import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LoadedPlugin } from './catalogue.js';

/** SHA-256, hex, of each plugin's file, by the plugin's name in the spec: what plugins do is what stands in their files. */
export async function pluginDigests(plugins: readonly LoadedPlugin[]): Promise<Readonly<Record<string, string>>> {
  const digests = plugins.map(async ({ origin, file }): Promise<[string, string]> => {
    const content = file === undefined ? '' : await readFile(file);
    return [origin, createHash('sha256').update(content).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(digests));
}
