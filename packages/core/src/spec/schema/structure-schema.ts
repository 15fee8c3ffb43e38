import type { JsonSchema } from './json-schema.js';
import { specSchema } from './schema.js';

const written = new Set<string>();
let schema: JsonSchema | undefined;

/**
 * The schema of a document, without what it says of keys that may be left out and that no document has written so far: of
 * those only the default, as a schema is compiled whole, and that takes longer than anything else in checking a spec.
 */
export function structureSchema(data: unknown): JsonSchema {
  const { properties = {}, required = [] } = specSchema;
  const keys = [...required, ...Object.keys(isObject(data) ? data : {})];
  const more = keys.filter((key) => Object.hasOwn(properties, key) && !written.has(key));
  if (schema !== undefined && more.length === 0) return schema;
  for (const key of more) written.add(key);
  const known = Object.entries(properties).map(([key, property]) => [
    key,
    written.has(key) ? property : { default: defaultOf(property) },
  ]);
  schema = { ...specSchema, properties: Object.fromEntries(known) as Readonly<Record<string, JsonSchema>> };
  return schema;
}

/** The default of a key, with those of the keys in it; undefined where it has none. */
function defaultOf({ default: own, properties = {} }: JsonSchema): unknown {
  if (!isObject(own) || Array.isArray(own)) return own;
  const inner = Object.entries(properties).map(([key, property]) => [key, defaultOf(property)]);
  return { ...Object.fromEntries(inner.filter(([, value]) => value !== undefined)), ...own };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
