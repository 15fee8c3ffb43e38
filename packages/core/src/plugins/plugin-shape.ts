import type { PluginKind } from '../contracts/index.js';
import { apiVersion } from './define.js';

/** The function that makes a plugin of each kind do something. */
const entryPoint: Record<PluginKind, string> = {
  dataset: 'load',
  partitioner: 'partition',
  model: 'create',
  optimizer: 'create',
  schedule: 'create',
  strategy: 'create',
  sampler: 'sample',
};

/** Why `value` is no plugin, to follow "the default export …"; undefined where it is one. */
export function whyNoPlugin(value: unknown): string | undefined {
  if (!isObject(value)) return value === undefined ? 'is missing' : 'is not the result of a define… helper';
  const { kind, name, options, apiVersion: version, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !isKind(kind)) return 'is not the result of a define… helper';
  if (version !== apiVersion)
    return `was made for version ${String(version)} of the plugin contracts, this fedx has version ${apiVersion}`;
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(name)) return 'needs a name of a-z, 0-9 and -';
  if (!isObject(options) || !('type' in options) || options.type !== 'object') {
    return 'needs options, a JSON Schema with type: object';
  }
  if ('properties' in options && isObject(options.properties) && Object.hasOwn(options.properties, 'use'))
    return 'has an option called use, which chooses the plugin in a spec';
  const entry = entryPoint[kind];
  return typeof rest[entry] === 'function' ? undefined : `needs a function ${entry}`;
}

function isKind(kind: string): kind is PluginKind {
  return Object.hasOwn(entryPoint, kind);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
