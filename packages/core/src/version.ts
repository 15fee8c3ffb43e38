import { readFile } from 'node:fs/promises';

let version: Promise<string> | undefined;

/** The version of fedx that runs: that of @fedx/core, with which all its packages are released together. */
export function fedxVersion(): Promise<string> {
  version ??= readVersion();
  return version;
}

async function readVersion(): Promise<string> {
  // One folder up both from src and from dist.
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
