import type { PluginKind } from '../../contracts/index.js';

/** The part of JSON Schema draft-07 that specs and plugin options are written in, as far as messages speak of it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  /** `path`: a path of the file system, which starts at the folder of the file that writes it. */
  readonly format?: string;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** fedx's own: the value chooses a plugin of this kind by `use`, with that plugin's options beside it. */
  readonly slot?: PluginKind;
  /** fedx's own: what to write, for values that the keywords above describe badly. */
  readonly expected?: string;
  readonly [keyword: string]: unknown;
}

/** What a schema asks for, as messages say it: `an integer from 1 to 256 or auto`. */
export function describe(schema: JsonSchema): string {
  const { expected, type } = schema;
  if (expected !== undefined) return expected;
  if ('const' in schema) return plain(schema.const);
  if (schema.enum !== undefined) return alternatives(schema.enum.map(plain));
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return alternatives(branches.map(describe));
  if (Array.isArray(type)) return alternatives(type.map((one: string) => describeType(one, schema)));
  return typeof type === 'string' ? describeType(type, schema) : 'something else';
}

function describeType(type: string, schema: JsonSchema): string {
  switch (type) {
    case 'integer':
      return `an integer${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'string':
      return schema.pattern === undefined ? textOf(schema) : `text that matches ${schema.pattern}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${listLength(schema)}${listItems(schema)}`;
    case 'object':
      return 'a mapping';
    default:
      return type;
  }
}

function textOf({ minLength, maxLength }: JsonSchema): string {
  if (minLength === 1 && maxLength === 1) return 'one character';
  if (typeof maxLength === 'number') return `text of at most ${maxLength} characters`;
  return minLength ? 'text that is not empty' : 'text';
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const isAbove = exclusiveMinimum !== undefined && exclusiveMinimum >= (minimum ?? exclusiveMinimum);
  const isBelow = exclusiveMaximum !== undefined && exclusiveMaximum <= (maximum ?? exclusiveMaximum);
  if (minimum !== undefined && maximum !== undefined && !isAbove && !isBelow) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    isAbove ? `above ${exclusiveMinimum}` : minimum !== undefined ? `of at least ${minimum}` : undefined,
    isBelow ? `below ${exclusiveMaximum}` : maximum !== undefined ? `at most ${maximum}` : undefined,
  ].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function listLength({ minItems = 0, maxItems = Number.POSITIVE_INFINITY }: JsonSchema): string {
  if (minItems === maxItems) return ` of ${minItems}`;
  if (maxItems !== Number.POSITIVE_INFINITY) return ` of ${minItems} to ${maxItems}`;
  return minItems > 0 ? ` of at least ${minItems}` : '';
}

function listItems({ items }: JsonSchema): string {
  return items !== undefined && 'type' in items ? `, each ${describe(items)}` : '';
}

/** A value as a message shows it: what kind of thing it is, and as much of it as fits. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  if (typeof value === 'string')
    return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

/** A word of the DSL as it is written in YAML. */
function plain(value: unknown): string {
  return typeof value === 'string' && /^[\w./-]+$/.test(value) ? value : JSON.stringify(value);
}

function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
