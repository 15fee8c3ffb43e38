import type { JsonSchema } from '@fedx/core/host';
import { markdownTable } from './markdown-table.js';

/** A mapping of a spec that gets a table of its own. */
interface Section {
  readonly path: string;
  readonly schema: JsonSchema;
}

/** The reference part of docs/spec.md, from the schema that `fedx schema` prints. */
export function specReference(schema: JsonSchema): string {
  const sections = sectionsOf('', schema);
  return [
    ...sections.filter(({ schema: one }) => !isSlot(one)).map(mappingSection),
    '### Plugins that ship',
    ...sections.filter(({ path, schema: one }) => isSlot(one) && !path.startsWith('controls[]')).map(slotSection),
  ].join('\n\n');
}

/** The mappings under `schema`, itself first, lists marked by `[]`. */
function sectionsOf(path: string, schema: JsonSchema): readonly Section[] {
  const mapping = mappingOf(schema);
  if (mapping === undefined) return [];
  const inner = Object.entries(mapping.properties ?? {}).flatMap(([name, value]) => {
    const items = value.items;
    const here = path === '' ? name : `${path}.${name}`;
    return [
      ...sectionsOf(here, value),
      ...(items !== undefined && !Array.isArray(items) ? sectionsOf(`${here}[]`, items as JsonSchema) : []),
    ];
  });
  return [{ path, schema: mapping }, ...(isSlot(mapping) ? [] : inner)];
}

/** The mapping that a value may be: itself, or the branch of a choice. */
function mappingOf(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties !== undefined) return schema;
  const branch = schema.else as JsonSchema | undefined;
  return branch === undefined ? undefined : mappingOf(branch);
}

function isSlot({ properties }: JsonSchema): boolean {
  return properties?.use?.examples !== undefined;
}

function mappingSection({ path, schema: { properties = {}, required = [] } }: Section): string {
  const rows = Object.entries(properties).map(([name, value]) => rowOf(name, value, required.includes(name)));
  const heading = path === '' ? 'Top level' : `\`${path.replaceAll('[]', '[…]')}\``;
  return `### ${heading}\n\n${markdownTable(['key', 'type, range', 'default', ''], rows)}`;
}

/** The plugins that a slot may choose, each with a table of its options. */
function slotSection({ path, schema: { allOf = [] } }: Section): string {
  const parts = allOf.flatMap((one) => {
    const { description, properties: { use: _, ...options } = {}, required = [] } = one.then as JsonSchema;
    const name = String((one.if as JsonSchema).properties?.use?.const);
    const rows = Object.entries(options).map(([option, value]) => rowOf(option, value, required.includes(option)));
    const head = `**\`${name}\`**${typeof description === 'string' ? `: ${description}` : ''}`;
    return rows.length === 0
      ? [`${head} It has no options.`]
      : [head, markdownTable(['option', 'type, range', 'default', ''], rows)];
  });
  return [`#### \`${path}\``, ...parts].join('\n\n');
}

function rowOf(name: string, schema: JsonSchema, isRequired: boolean): readonly string[] {
  const { default: fallback, description } = schema;
  const standard = isSlot(schema) ? schema.properties?.use?.default : undefined;
  return [
    `\`${name}\``,
    typeText(schema),
    isRequired ? 'required' : standardText(standard === undefined ? fallback : { use: standard }),
    typeof description === 'string' ? description : '',
  ];
}

function standardText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return `\`${value}\``;
  return `\`${JSON.stringify(value)
    .replaceAll('"', '')
    .replaceAll(':', ': ')
    .replaceAll(/^\{(.+)\}$/g, '{ $1 }')}\``;
}

function typeText(schema: JsonSchema): string {
  const { anyOf, enum: words, type } = schema;
  if (isSlot(schema)) return 'plugin';
  if ('const' in schema) return `\`${String(schema.const)}\``;
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(', ');
  if (anyOf !== undefined) return anyOf.map(typeText).join(', or ');
  if (type === 'array') return listText(schema);
  if (mappingOf(schema) !== undefined)
    return schema.then === undefined ? 'mapping' : `${typeText(schema.then as JsonSchema)}, or mapping`;
  return `${typeof type === 'string' ? type : 'any'}${rangeText(schema)}`;
}

function listText({ items, maxItems, minItems }: JsonSchema): string {
  const length = minItems !== undefined && minItems === maxItems ? ` of ${minItems}` : '';
  return `list${length}${items === undefined || Array.isArray(items) ? '' : `, each ${typeText(items as JsonSchema)}`}`;
}

function rangeText({ exclusiveMaximum, exclusiveMinimum, maximum, minimum, patternErrorMessage }: JsonSchema): string {
  if (typeof patternErrorMessage === 'string') return `: ${patternErrorMessage.replace(/^This must be |\.$/g, '')}`;
  const figure = (value: number) => {
    if (value === Number.MAX_SAFE_INTEGER) return '2^53 - 1';
    const isPlain = value === 0 || (Math.abs(value) >= 1e-6 && Math.abs(value) < 1e15);
    return isPlain ? value.toLocaleString('en-US') : value.toExponential().replace('e+', 'e');
  };
  const low =
    minimum !== undefined
      ? `from ${figure(minimum)}`
      : exclusiveMinimum !== undefined
        ? `above ${figure(exclusiveMinimum)}`
        : '';
  const high =
    maximum !== undefined
      ? `to ${figure(maximum)}`
      : exclusiveMaximum !== undefined
        ? `below ${figure(exclusiveMaximum)}`
        : '';
  const range = [low, high].filter(Boolean).join(' ');
  return range === '' ? '' : `, ${range}`;
}
