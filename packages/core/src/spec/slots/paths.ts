import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { JsonSchema } from '../schema/json-schema.js';

/**
 * A path that was written in folder `from`, as it is written in folder `to`: relative ones begin with `./` or `../` and
 * have slashes. Absolute ones, and all where the folders are the same, stay as they are.
 */
export function rebase(path: string, from: string, to: string): string {
  if (from === to || isAbsolute(path)) return path;
  const moved = relative(to, resolve(from, path)).replaceAll(sep, '/');
  return isAbsolute(moved) || /^\.\.(\/|$)/.test(moved) ? moved : `./${moved}`;
}

/** Whether a plugin is named by a relative path, and not as a package. */
export function isRelativeFile(specifier: string): boolean {
  return /^\.\.?\//.test(specifier);
}

/**
 * `data` with each text that its schema marks `format: path` moved by `move`, which also gets the steps that lead there.
 * Looks into `properties` and `items`.
 */
export function movePaths(
  data: unknown,
  schema: JsonSchema,
  move: (path: string, steps: readonly string[]) => string,
  steps: readonly string[] = [],
): unknown {
  if (typeof data === 'string') return schema.format === 'path' ? move(data, steps) : data;
  if (Array.isArray(data)) {
    const { items } = schema;
    if (items === undefined || !('type' in items)) return data;
    return data.map((item, index) => movePaths(item, items, move, [...steps, String(index)]));
  }
  if (typeof data !== 'object' || data === null) return data;
  const known = schema.properties ?? {};
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => {
      const option = Object.hasOwn(known, name) ? known[name] : undefined;
      return [name, option === undefined ? value : movePaths(value, option, move, [...steps, name])];
    }),
  );
}
