import type { JsonSchema } from './json-schema.js';

/** Where in the described data a schema holds: keys, and `0` for any item of a list. */
export type SchemaPath = readonly string[];

type Change = (schema: JsonSchema, path: SchemaPath) => JsonSchema;

/** `schema` with each of its direct subschemas put through `change`; `path` is where `schema` holds. */
export function mapSubschemas(schema: JsonSchema, path: SchemaPath, change: Change): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, mapKeyword(keyword, value, path, change)]),
  );
}

function mapKeyword(keyword: string, value: unknown, path: SchemaPath, change: Change): unknown {
  switch (keyword) {
    case 'properties':
    case 'definitions':
    case 'patternProperties': {
      if (!isSchema(value)) return value;
      const entries = Object.entries(value).map(([name, inner]) => [name, apply(inner, [...path, name], change)]);
      return Object.fromEntries(entries);
    }
    case 'items':
      return Array.isArray(value)
        ? value.map((inner, index) => apply(inner, [...path, String(index)], change))
        : apply(value, [...path, '0'], change);
    case 'additionalProperties':
      return apply(value, [...path, '*'], change);
    case 'if':
    case 'then':
    case 'else':
    case 'not':
      return apply(value, path, change);
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return Array.isArray(value) ? value.map((inner) => apply(inner, path, change)) : value;
    default:
      return value;
  }
}

/** `true` and `false` are schemas too, with nothing to change in them. */
function apply(value: unknown, path: SchemaPath, change: Change): unknown {
  return isSchema(value) ? change(value, path) : value;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
