import type { OptionsSchema } from '../contracts/index.js';

/** One option of a plugin, in words for a table. */
export interface OptionRow {
  readonly name: string;
  /** E.g. `integer`, `list of integers`. */
  readonly type: string;
  /** What it may be, e.g. `at least 1`, `relu, tanh, sigmoid`; empty where anything of its type will do. */
  readonly range: string;
  /** In YAML; absent where there is none. */
  readonly default?: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** The part of JSON Schema that options are written in. */
interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
  readonly items?: OptionSchema;
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
  readonly [keyword: string]: unknown;
}

/** The options that a schema describes, in its order. */
export function optionTable(options: OptionsSchema): readonly OptionRow[] {
  const { properties = {}, required = [] } = options as {
    readonly properties?: Readonly<Record<string, OptionSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeOf(schema),
    range: rangeOf(schema),
    ...(schema.default !== undefined && { default: yaml(schema.default) }),
    isRequired: required.includes(name),
    description: schema.description ?? '',
  }));
}

function typeOf(schema: OptionSchema): string {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return [...new Set(branches.map(typeOf))].join(' or ');
  const { type = 'const' in schema ? typeof schema.const : typeof schema.enum?.[0] } = schema;
  if (type === 'array') return `list of ${plural(schema.items === undefined ? 'value' : typeOf(schema.items))}`;
  return (typeof type === 'string' ? [type] : type).map((one) => words[one] ?? one).join(' or ');
}

const words: Readonly<Record<string, string>> = { string: 'text', object: 'mapping', undefined: 'anything' };

function plural(type: string): string {
  return type === 'text' || type.includes(' ') ? type : `${type}s`;
}

function rangeOf(schema: OptionSchema): string {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return branches.map(rangeOf).filter(Boolean).join(', or ');
  if ('const' in schema) return yaml(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(yaml).join(', ');
  const own = [
    ...bounds(schema, 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'),
    ...bounds(schema, 'minItems', 'maxItems').map((bound) => `${bound} long`),
    ...bounds(schema, 'minLength', 'maxLength').map((bound) => `${bound} characters`),
    ...(schema.pattern === undefined ? [] : [`matches ${schema.pattern}`]),
  ];
  const each = schema.items === undefined ? '' : rangeOf(schema.items);
  return [...own, ...(each === '' ? [] : [`each ${each}`])].join('; ');
}

/** The bounds of a schema in words: none or one, such as `0 to 1` or `above 0 and at most 1`. */
function bounds(schema: OptionSchema, minimum: string, maximum: string, above = '', below = ''): string[] {
  const { [minimum]: least, [maximum]: most, [above]: over, [below]: under } = schema;
  if (least !== undefined && most !== undefined) return [`${yaml(least)} to ${yaml(most)}`];
  const found = [
    ...(least === undefined ? [] : [`at least ${yaml(least)}`]),
    ...(over === undefined ? [] : [`above ${yaml(over)}`]),
    ...(most === undefined ? [] : [`at most ${yaml(most)}`]),
    ...(under === undefined ? [] : [`below ${yaml(under)}`]),
  ];
  return found.length === 0 ? [] : [found.join(' and ')];
}

/** A value as a spec would write it. */
function yaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`;
  return typeof value === 'string' && /^[A-Za-z][\w./-]*$/.test(value) ? value : JSON.stringify(value);
}
