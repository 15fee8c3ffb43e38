import type { PluginKind } from '../contracts/index.js';
import { definitionMembers, whyUnfit } from './contract-members.js';

/** What every evaluation has: a metric of such a name would have its keys. */
const everyEvaluationHas: ReadonlySet<string> = new Set(['accuracy', 'loss', 'counted', 'left-out']);

/** Why `value` is no plugin, to follow "the default export …"; undefined where it is one. */
export function whyNoPlugin(value: unknown): string | undefined {
  if (!isObject(value)) return value === undefined ? 'is missing' : 'is not the result of a define… helper';
  const { kind, name, options, apiVersion: _, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !isKind(kind) || !('apiVersion' in value))
    return 'is not the result of a define… helper';
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(name)) return 'needs a name of a-z, 0-9 and -';
  if (!isObject(options) || !('type' in options) || options.type !== 'object') {
    return 'needs options, a JSON Schema with type: object';
  }
  if ('properties' in options && isObject(options.properties) && Object.hasOwn(options.properties, 'use'))
    return 'has an option called use, which chooses the plugin in a spec';
  if (kind === 'metric' && everyEvaluationHas.has(name)) return `has the name ${name}, which is measured in every run`;
  return whyUnfit(rest, definitionMembers[kind]);
}

/** Whether `value` has the marks of a define… helper, be it of this fedx or of another version. */
export function isMarked(value: unknown): value is { readonly apiVersion: unknown } {
  return isObject(value) && 'apiVersion' in value && 'kind' in value;
}

function isKind(kind: string): kind is PluginKind {
  return Object.hasOwn(definitionMembers, kind);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
