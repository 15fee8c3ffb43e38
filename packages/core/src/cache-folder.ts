import { join, resolve } from 'node:path';

/** Where downloads and prepared data go unless a host says otherwise: $FEDX_CACHE, else `<directory>/.fedx/cache`. */
export function cacheFolder(directory: string): string {
  return resolve(process.env['FEDX_CACHE'] ?? join(directory, '.fedx', 'cache'));
}
