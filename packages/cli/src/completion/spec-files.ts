import { readdir } from 'node:fs/promises';
import type { Candidate } from './candidates.js';

/** YAML files and folders whose path starts with `prefix`, folders with a slash behind them. Hidden ones only where asked for. */
export async function specFiles(prefix: string): Promise<readonly Candidate[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const start = prefix.slice(folder.length);
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(({ name }) => name.startsWith(start) && name !== 'node_modules' && (start !== '' || !name.startsWith('.')))
    .flatMap((entry) => {
      if (entry.isDirectory()) return [{ value: `${folder}${entry.name}/` }];
      return /\.ya?ml$/.test(entry.name) ? [{ value: `${folder}${entry.name}` }] : [];
    })
    .toSorted((a, b) => (a.value < b.value ? -1 : 1));
}
