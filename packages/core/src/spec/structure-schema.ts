import type { JsonSchema } from './json-schema.js';
import { specSchema } from './schema.js';

/** The keys that half of the schema is about, and that most specs leave to an empty default. */
const rareKeys = ['sweep', 'controls', 'expect', 'transforms'] as const;

const written = new Set<string>();
let schema: JsonSchema | undefined;

/**
 * The schema of a document, without what it says of rare keys that no document has written so far: of those only the
 * default, as a schema is compiled whole, and that takes longer than anything else in checking a spec.
 */
export function structureSchema(data: unknown): JsonSchema {
  const more = rareKeys.filter((key) => !written.has(key) && isObject(data) && Object.hasOwn(data, key));
  if (schema !== undefined && more.length === 0) return schema;
  for (const key of more) written.add(key);
  const properties = Object.entries(specSchema.properties ?? {}).map(([key, property]) => [
    key,
    rareKeys.some((rare) => rare === key) && !written.has(key) ? { default: property.default } : property,
  ]);
  schema = { ...specSchema, properties: Object.fromEntries(properties) as Readonly<Record<string, JsonSchema>> };
  return schema;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
