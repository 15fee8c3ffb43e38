import type { Plugin } from '../../contracts/index.js';
import type { Catalogue } from '../../plugins/index.js';
import { slotKind } from '../slots/slots.js';
import type { JsonSchema } from './json-schema.js';
import { specSchema } from './schema.js';
import { mapSubschemas, type SchemaPath } from './subschemas.js';

type Plugins = Pick<Catalogue, 'list'>;

/**
 * The schema of whole specs for editors: JSON Schema draft-07, the structure of a spec together with the options of every
 * plugin in `catalogue`. `plugins` is what the specs that it is made for may hold under `plugins`.
 *
 * In a slot the options of the chosen plugin alone hold: `if` its name is `use`, `then` its schema. A choice by `oneOf`
 * would report one misspelt option once for each plugin. Where a spec names other plugins than `plugins`, `use` may hold
 * any name, and the options of one that is not known are left to fedx itself.
 */
export function editorSchema(catalogue: Plugins, plugins: readonly string[]): JsonSchema {
  const noOthers = plugins.length === 0 ? { maxItems: 0 } : { items: { enum: plugins } };
  const { allOf = [], required = [], ...schema } = withOptions(specSchema, [], catalogue);
  const then = namesOfSlots(specSchema, [], catalogue) ?? {};
  return inEditorWords({
    ...schema,
    allOf: [
      { if: { properties: { plugins: noOthers } }, then },
      // What a spec lacks, those that it extends may have.
      { if: { required: ['extends'] }, else: { required } },
      ...allOf,
    ],
  });
}

/** `schema`, which holds at `path` of a spec, with the options of the plugins that its slots may choose. */
function withOptions(schema: JsonSchema, path: SchemaPath, catalogue: Plugins): JsonSchema {
  const walked = mapSubschemas(schema, path, (inner, at) => withOptions(inner, at, catalogue));
  const plugins = pluginsAt(schema, path, catalogue);
  if (plugins === undefined) return walked;
  const { properties = {}, allOf = [] } = walked;
  const use: JsonSchema = { ...properties.use, examples: plugins.map(({ name }) => name) };
  const chosen = plugins.map(({ name, options }) => ({
    if: { type: 'object', properties: { use: { const: name } }, ...(use.default !== name && { required: ['use'] }) },
    then: besideUse({ ...options }, use, isOverlay(schema)),
  }));
  return { ...walked, properties: { ...properties, use }, allOf: [...allOf, ...chosen] };
}

/** A plugin's options beside `use`: closed, as fedx closes them, unless they say `additionalProperties` themselves. */
function besideUse(options: JsonSchema, use: JsonSchema, isOverlay: boolean): JsonSchema {
  const { required, properties, ...rest } = options;
  return {
    additionalProperties: false,
    ...rest,
    ...(required !== undefined && !isOverlay && { required }),
    properties: { use, ...properties },
  };
}

/** The slots of `schema` and nothing else, each with the names that it may hold; undefined where it has no slot. */
function namesOfSlots(schema: JsonSchema, path: SchemaPath, catalogue: Plugins): JsonSchema | undefined {
  const plugins = pluginsAt(schema, path, catalogue);
  if (plugins !== undefined) {
    const enumDescriptions = plugins.map(({ options }) => descriptionOf({ ...options }));
    const use = { enum: plugins.map(({ name }) => name), enumDescriptions };
    return isOverlay(schema) ? anyOptions(plugins, use) : { properties: { use } };
  }
  const within: Record<string, JsonSchema> = {};
  let items: JsonSchema | undefined;
  mapSubschemas(schema, path, (inner, at) => {
    const names = namesOfSlots(inner, at, catalogue);
    const key = at.at(-1);
    if (names === undefined) return inner;
    if (at.length === path.length) Object.assign(within, names.properties);
    else if (key === '0') items = names;
    else if (key !== undefined) within[key] = names;
    return inner;
  });
  const found = {
    ...(Object.keys(within).length > 0 && { properties: within }),
    ...(items !== undefined && { items }),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}

/** A slot that need not choose and has no default is laid over another one, which may hold what its plugin requires. */
function isOverlay({ properties, required }: JsonSchema): boolean {
  return properties?.use?.default === undefined && required?.includes('use') !== true;
}

/** What may be laid over a slot whose plugin is not known here: the options of any of the plugins. */
function anyOptions(plugins: readonly Plugin[], use: JsonSchema): JsonSchema {
  const schemas = plugins.map(({ options }): JsonSchema => ({ ...options }));
  const names = new Set(schemas.flatMap(({ properties = {} }) => Object.keys(properties)));
  const options = [...names].map((name) => {
    const [first = {}, ...others] = schemas.flatMap(({ properties }) => properties?.[name] ?? []);
    return [name, others.length === 0 ? first : { anyOf: [first, ...others] }] as const;
  });
  const isOpen = schemas.some(({ additionalProperties = false }) => additionalProperties !== false);
  return { properties: { use, ...Object.fromEntries(options) }, ...(!isOpen && { additionalProperties: false }) };
}

/** The plugins that the slot at `path` may choose; undefined where `schema` is no slot, or there is none to choose. */
function pluginsAt(schema: JsonSchema, path: SchemaPath, catalogue: Plugins): readonly Plugin[] | undefined {
  const kind = slotKind(path);
  const plugins = kind !== undefined && schema.type === 'object' ? catalogue.list(kind) : [];
  return plugins.length === 0 ? undefined : plugins;
}

/** What a plugin does, as the description of its options says it. */
function descriptionOf({ description }: JsonSchema): string {
  return typeof description === 'string' ? description : '';
}

/** Without fedx's own keyword `expected`; where it explains a pattern, editors have a keyword of theirs for that. */
function inEditorWords({ expected, ...schema }: JsonSchema): JsonSchema {
  return {
    ...mapSubschemas(schema, [], inEditorWords),
    ...(expected !== undefined && 'pattern' in schema && { patternErrorMessage: `This must be ${expected}.` }),
  };
}
