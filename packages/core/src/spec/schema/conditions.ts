import { describe, type JsonSchema } from './json-schema.js';

/** What a part of a schema holds under, and what else the schema says of the same value. */
export interface Surroundings {
  /** E.g. ` where rule is dirichlet`; empty where the part always holds. */
  readonly where: string;
  /** All that the schema says of the value: the part may refine it in `allOf`, `oneOf` or `then`. */
  readonly whole: JsonSchema;
}

/** Keywords whose subschemas speak of the same value. */
const refining: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'then', 'else', 'not']);

/** Keywords that hold subschemas by name. */
const naming: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'definitions']);

/** The surroundings of what stands in `root` at `steps`, such as `allOf`, `0`, `then`, `required`. */
export function surroundingsOf(root: JsonSchema, steps: readonly string[]): Surroundings {
  const rest = [...steps];
  let [schema, whole] = [root, root];
  let conditions: readonly string[] = [];
  for (let keyword = rest.shift(); keyword !== undefined; keyword = rest.shift()) {
    if (keyword === 'then') conditions = [...conditions, ...conditionsOf(schema.if)];
    const value = schema[keyword];
    const inner = Array.isArray(value) || naming.has(keyword) ? property(value, rest.shift()) : value;
    // A keyword that holds no schema is the last one.
    if (!isSchema(inner) || keyword === 'dependencies') break;
    schema = inner;
    if (!refining.has(keyword)) whole = inner;
  }
  return { where: conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`, whole };
}

/** What an `if` asks of keys, in words: those that must have one value, or one of a few. */
function conditionsOf(schema: unknown): readonly string[] {
  const { properties = {} } = isSchema(schema) ? schema : {};
  return Object.entries(properties)
    .filter(([, inner]) => 'const' in inner || inner.enum !== undefined)
    .map(([name, inner]) => `${name} is ${describe(inner)}`);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function property(value: unknown, key = ''): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
