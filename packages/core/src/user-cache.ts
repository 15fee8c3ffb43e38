import { resolve } from 'node:path';
import envPaths from 'env-paths';

/**
 * Where fedx keeps what all of a user's projects share: `FEDX_CACHE`, else the folder that the system has for it, such as
 * `~/.cache/fedx`.
 */
export function userCache(): string {
  return resolve(process.env['FEDX_CACHE'] ?? envPaths('fedx', { suffix: '' }).cache);
}
