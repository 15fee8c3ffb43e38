import type { OptionsSchema, Plugin, PluginKind } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { suggest } from '../../names/index.js';
import type { Catalogue } from '../../plugins/index.js';
import { type Finding, pathText, quote } from '../document/diagnostics.js';
import { type MappingTree, nearest, type Tree, toPlain } from '../document/located-tree.js';
import type { Source, Span } from '../document/source.js';
import type { Slot } from '../experiment-spec.js';
import type { JsonSchema } from '../schema/json-schema.js';
import type { Check, Validator } from '../schema/validate.js';
import { movePaths } from './paths.js';

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
  transform: 'Transforms',
  attack: 'Attacks',
  metric: 'Metrics',
  sink: 'Sinks',
};

/** A path as the spec's own folder sees it, where `source` wrote it. */
export type MovePath = (path: string, source: Source) => string;

/** The slot with its plugin's defaults filled in; undefined where something is wrong with it. */
export type SlotResolver = (written: WrittenSlot) => Slot | undefined;

/** Resolves slots against one catalogue; what is wrong with them is added to `findings`. */
export function createSlotResolver(
  catalogue: Catalogue,
  validator: Validator,
  findings: Finding[],
  movePath: MovePath,
): SlotResolver {
  return resolveSlot;

  function resolveSlot({ kind, use, path, tree, key }: WrittenSlot): Slot | undefined {
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
    findings.push(
      ...found.map((finding) => withoutOptionsBefore(finding, { path, tree, ...(key !== undefined && { key }) })),
    );
    if (found.length > 0) return undefined;
    const before = findings.length;
    const moved = movePaths(data, schema, (text, steps) => movePath(text, nearest(options, steps).tree.span.source));
    const resolved = resolveInner(schema, moved, options, path) as Record<string, unknown>;
    return findings.length > before ? undefined : { use, ...resolved };
  }

  /** The data with what it says in places of slots resolved as slots: a partitioner may mix other partitioners. */
  function resolveInner(schema: JsonSchema, data: unknown, tree: Tree, path: readonly string[]): unknown {
    const { slot, properties, items } = schema;
    if (tree.kind === 'mapping' && slot !== undefined) {
      const use = tree.entries.get('use')?.value;
      if (use?.kind !== 'scalar' || typeof use.value !== 'string') return data;
      return resolveSlot({ kind: slot, use: use.value, path, tree });
    }
    if (tree.kind === 'mapping' && properties !== undefined) {
      const inner = Object.entries(data as Record<string, unknown>).map(([name, value]) => {
        const schemaOfIt = properties[name];
        const treeOfIt = tree.entries.get(name)?.value;
        // What is not in the tree is a default, and those name no plugins.
        if (schemaOfIt === undefined || treeOfIt === undefined) return [name, value] as const;
        return [name, resolveInner(schemaOfIt, value, treeOfIt, [...path, name])] as const;
      });
      return Object.fromEntries(inner);
    }
    if (tree.kind === 'list' && items !== undefined && !isTuple(items)) {
      return (data as readonly unknown[]).map((value, i) => {
        const treeOfIt = tree.items[i];
        return treeOfIt === undefined ? value : resolveInner(items, value, treeOfIt, [...path, String(i)]);
      });
    }
    return data;
  }
}

/**
 * A missing option may stand right there in the file, with the plugin that an argument replaced: then the argument that
 * chose the new one is the place.
 */
function withoutOptionsBefore(
  finding: Finding,
  { path, tree, key }: Pick<WrittenSlot, 'path' | 'tree' | 'key'>,
): Finding {
  const use = tree.entries.get('use');
  if (key === undefined || finding.at !== key || use?.key.source.kind !== 'argument') return finding;
  const at = use.value.span;
  if (use.key.source === key.source) return { ...finding, at };
  const why = `${pathText([...path, 'use'])} chooses another plugin, which takes none of the options of the one before.`;
  return { ...finding, at, hint: finding.hint === undefined ? why : `${finding.hint} ${why}` };
}

function isTuple(items: JsonSchema | readonly JsonSchema[]): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

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
