import type { OptionsSchema, Plugin, PluginKind } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import type { Catalogue } from '../plugins/index.js';
import { type Finding, pathText, quote } from './diagnostics.js';
import type { Slot } from './experiment-spec.js';
import type { JsonSchema } from './json-schema.js';
import { type MappingTree, nearest, toPlain } from './located-tree.js';
import { suggest } from './nearest-name.js';
import { movePaths } from './paths.js';
import type { Source, Span } from './source.js';
import type { Check, Validator } from './validate.js';

/** A slot as it was written. */
export interface WrittenSlot {
  readonly kind: PluginKind;
  /** The plugin that it chooses, or that the schema chooses for it. */
  readonly use: string;
  readonly path: readonly string[];
  readonly tree: MappingTree;
  /** The key that leads to it. */
  readonly key?: Span;
}

/** Words for the plugin kinds in messages. */
const plural: Record<PluginKind, string> = {
  dataset: 'Datasets',
  partitioner: 'Partitioners',
  model: 'Models',
  optimizer: 'Optimizers',
  schedule: 'Schedules',
  strategy: 'Strategies',
  sampler: 'Samplers',
};

/** A path as the spec's own folder sees it, where `source` wrote it. */
export type MovePath = (path: string, source: Source) => string;

/** Resolves slots against one catalogue; what is wrong with them is added to `findings`. */
export function createSlotResolver(
  catalogue: Catalogue,
  validator: Validator,
  findings: Finding[],
  movePath: MovePath,
) {
  /** The slot with its plugin's defaults filled in; undefined where something is wrong with it. */
  return function resolveSlot({ kind, use, path, tree, key }: WrittenSlot): Slot | undefined {
    const plugin = catalogue.find(kind, use);
    if (plugin === undefined) {
      findings.push(unknownPlugin(kind, use, path, tree, catalogue));
      return undefined;
    }
    const options = withoutUse(tree);
    const data = toPlain(options);
    const schema = closedSchema(plugin);
    const check = compileOptions(validator, plugin, schema);
    const found = check(data, { tree: options, path, plugin: `the ${kind} ${use}`, ...(key !== undefined && { key }) });
    findings.push(...found);
    if (found.length > 0) return undefined;
    const moved = movePaths(data, schema, (text, steps) => movePath(text, nearest(options, steps).tree.span.source));
    return { use, ...(moved as Record<string, unknown>) };
  };
}

export type SlotResolver = ReturnType<typeof createSlotResolver>;

const closedSchemas = new WeakMap<OptionsSchema, JsonSchema>();

/** A plugin's schema, closed: an option that it does not list is an error unless it says `additionalProperties` itself. */
function closedSchema({ options }: Plugin): JsonSchema {
  const schema = closedSchemas.get(options) ?? { additionalProperties: false, ...options };
  closedSchemas.set(options, schema);
  return schema;
}

function compileOptions(validator: Validator, { kind, name }: Plugin, schema: JsonSchema): Check {
  try {
    return validator.compile(schema);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `The options of the ${kind} ${name} are no valid JSON Schema: ${detail}.`;
    throw new FedxError('FEDX_PLUGIN_INVALID', message, { place: { plugin: name }, cause });
  }
}

function withoutUse(tree: MappingTree): MappingTree {
  return { ...tree, entries: new Map([...tree.entries].filter(([name]) => name !== 'use')) };
}

function unknownPlugin(
  kind: PluginKind,
  use: string,
  path: readonly string[],
  tree: MappingTree,
  catalogue: Catalogue,
): Finding {
  const known = catalogue.list(kind).map(({ name }) => name);
  const place = [...path, 'use'];
  return {
    at: tree.entries.get('use')?.value.span ?? tree.span,
    path: pathText(place),
    message: `Unknown ${kind} ${quote(use)}.`,
    hint: suggest(use, known, plural[kind]) || `No ${kind} is loaded; name a file or package under plugins.`,
  };
}
