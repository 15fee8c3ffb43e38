import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFolder } from './package-folder.js';

let version: Promise<string> | undefined;

/** The version of fedx that runs: that of @fedx/core or of the command line that carries it, as all packages are released together. */
export function fedxVersion(): Promise<string> {
  version ??= readVersion();
  return version;
}

async function readVersion(): Promise<string> {
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
