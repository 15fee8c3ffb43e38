import type { JsonSchema } from '@fedx/core/host';
import type { Candidate } from './candidates.js';

/**
 * The paths of a spec that a `path=value` argument can set, each with `=` behind it. `draft` is the spec so far: it says
 * which plugins are chosen, and so which options there are.
 */
export function overridePaths(schema: JsonSchema, draft: unknown, path: readonly string[] = []): readonly Candidate[] {
  return Object.entries(propertiesOf(schema, draft)).flatMap(([name, inner]) => {
    const here = [...path, name];
    const within = overridePaths(inner, property(draft, name), here);
    return within.length > 0 ? within : [{ value: `${here.join('.')}=`, description: descriptionOf(inner) }];
  });
}

/** The values that the schema names for the key at `path`: words, names of plugins, and the default. */
export function overrideValues(schema: JsonSchema, draft: unknown, path: readonly string[]): readonly Candidate[] {
  const [name, ...rest] = path;
  if (name === undefined) return valuesOf(schema);
  const inner = propertiesOf(schema, draft)[name];
  return inner === undefined ? [] : overrideValues(inner, property(draft, name), rest);
}

/** The properties of a mapping, those of the plugin that it chooses among them. */
function propertiesOf(
  { properties = {}, allOf = [] }: JsonSchema,
  draft: unknown,
): Readonly<Record<string, JsonSchema>> {
  const use = property(draft, 'use') ?? properties.use?.default;
  const chosen = allOf.filter((one) => use !== undefined && conditionOf(one).properties?.use?.const === use);
  return Object.assign({}, properties, ...chosen.map(({ then }) => (then as JsonSchema).properties)) as Record<
    string,
    JsonSchema
  >;
}

function conditionOf({ if: condition = {} }: JsonSchema): JsonSchema {
  return condition as JsonSchema;
}

function valuesOf(schema: JsonSchema): readonly Candidate[] {
  const { anyOf = [], default: fallback, enum: words = [], examples = [], type } = schema;
  const values = [
    ...words,
    ...examples,
    ...('const' in schema ? [schema.const] : []),
    ...(type === 'boolean' ? [true, false] : []),
    ...(isScalar(fallback) ? [fallback] : []),
  ];
  const texts = [...values.filter(isScalar).map(String), ...anyOf.flatMap(valuesOf).map(({ value }) => value)];
  return [...new Set(texts)].map((value) => ({ value }));
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function descriptionOf({ description }: JsonSchema): string | undefined {
  return typeof description === 'string' ? description : undefined;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
