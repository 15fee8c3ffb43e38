import type { Catalogue, PluginReference } from '../plugins/index.js';
import { type ControlEntry, checkControls, resolveControl, resolveControlSlots } from './checks/controls.js';
import { checkExpectations } from './checks/expectations.js';
import { findLiteralSecrets } from './checks/literal-secrets.js';
import { checkMetricKeys, checkMetrics } from './checks/metric-keys.js';
import { type Finding, specError } from './document/diagnostics.js';
import { readDocument } from './document/extends.js';
import { checkLocalWork } from './document/local-work.js';
import { find, type MappingTree, nearest, toPlain, useOf } from './document/located-tree.js';
import { applyOverrides } from './document/overrides.js';
import { positionOf, type Source } from './document/source.js';
import { type Environment, expandVariables } from './document/variables.js';
import type { ClientSpec, EnvironmentSpec, ExperimentSpec, Slot } from './experiment-spec.js';
import type { JsonSchema } from './schema/json-schema.js';
import { structureSchema } from './schema/structure-schema.js';
import { loadValidator, type Validator } from './schema/validate.js';
import { isRelativeFile, rebase } from './slots/paths.js';
import { createSlotResolver, type SlotResolver } from './slots/slot-options.js';
import { type SlotPlace, slotLists, slotPlaces } from './slots/slots.js';
import { type SeedRequest, sweepOverSeeds } from './sweep/seeds.js';

/** A spec that is read and whose structure is checked; its plugins are yet to be loaded. */
export interface ParsedSpec {
  /** What the spec names under `plugins`, each with its place. */
  readonly plugins: readonly PluginReference[];
  readonly tree: MappingTree;
  /** The tree as plain data with the structure's defaults; of the shape of {@link Draft} where nothing was found. */
  readonly data: unknown;
  /** What was found so far; {@link resolveSpec} reports it together with its own findings. */
  readonly findings: readonly Finding[];
  /** Where the spec's relative paths start, absolute. */
  readonly directory: string;
  /** A path as {@link directory} sees it, where `source` wrote it. */
  readonly movePath: (path: string, source: Source) => string;
  /** Those of the findings that are about the text itself, whatever a sweep makes of the spec. */
  readonly written: readonly Finding[];
}

/** The document as the structure check leaves it: what is left to resolve are slots, controls and the holdout. */
type Draft = Omit<ExperimentSpec, 'controls'> & { readonly controls: readonly ControlEntry[] };

/** Share of each label that is held out for testing unless the spec says otherwise: a seventh, as MNIST does. */
const defaultTestShare = 1 / 7;

/**
 * The first of two phases: reads the YAML with what it extends, applies the `path=value` overrides, fills in environment
 * variables, adds the sweep over `seeds` and checks the structure. `file` names the spec in diagnostics. Loads no plugin, and
 * neither tfjs nor an engine.
 * Throws FEDX_SPEC_TOO_LARGE, FEDX_SPEC_SYNTAX, FEDX_SPEC_NOT_FOUND for a base, FEDX_OVERRIDE_INVALID; FEDX_SPEC_INVALID
 * already here only where the document is no mapping or `plugins` is wrong, as the second phase would then say
 * misleading things.
 */
export async function parseSpec(
  file: string,
  text: string,
  overrides: readonly string[],
  { seeds, environment = process.env }: { readonly seeds?: SeedRequest; readonly environment?: Environment } = {},
): Promise<ParsedSpec> {
  const document = await readDocument(file, text, environment);
  const overridden = applyOverrides(document.tree, overrides);
  const expanded = expandVariables(overridden.tree, environment);
  const { directory, directories } = document;
  const movePath = (path: string, source: Source): string =>
    rebase(path, directories.get(source) ?? directory, directory);
  const moved = movePlugins(expanded.tree, movePath);
  const tree = seeds === undefined ? moved : sweepOverSeeds(moved, seeds, overrides.length);
  const written = [
    ...findLiteralSecrets(expanded.tree),
    ...[document, overridden, expanded].flatMap((step) => step.findings),
  ];
  const checked = checkStructure({ tree, written }, await loadValidator());
  if (checked.findings.some(isUnder('plugins'))) throw specError('FEDX_SPEC_INVALID', checked.findings);
  return { plugins: pluginReferences(tree), tree, written, ...checked, directory, movePath };
}

/** The tree as plain data with the structure's defaults, and all that was found so far. */
function checkStructure(
  { tree, written }: Pick<ParsedSpec, 'tree' | 'written'>,
  validator: Validator,
): Pick<ParsedSpec, 'data' | 'findings'> {
  const data = toPlain(tree);
  return { data, findings: [...written, ...validator.compile(structureSchema(data))(data, { tree, path: [] })] };
}

/** A base names its plugin files from its own folder; from here on all are named from the folder of the spec. */
function movePlugins(tree: MappingTree, movePath: ParsedSpec['movePath']): MappingTree {
  const entry = tree.entries.get('plugins');
  if (entry?.value.kind !== 'list') return tree;
  const items = entry.value.items.map((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' && isRelativeFile(item.value)
      ? { ...item, value: movePath(item.value, item.span.source) }
      : item,
  );
  const value = { ...entry.value, items };
  return { ...tree, entries: new Map(tree.entries).set('plugins', { ...entry, value }) };
}

/**
 * The second phase: checks each slot against its own plugin's schema and what else needs the whole spec.
 * Returns the frozen, resolved spec; throws FEDX_SPEC_INVALID with all findings of both phases.
 */
export async function resolveSpec(parsed: ParsedSpec, catalogue: Catalogue): Promise<ExperimentSpec> {
  const { spec, findings } = resolveTree(parsed, catalogue, await loadValidator());
  if (spec === undefined) throw specError('FEDX_SPEC_INVALID', findings);
  return spec;
}

/** Both phases of a tree that may have been changed since it was parsed, and all that they find; a spec only where that is nothing. */
export function resolveTree(
  { tree, written, movePath }: Pick<ParsedSpec, 'tree' | 'written' | 'movePath'>,
  catalogue: Catalogue,
  validator: Validator,
): { readonly spec?: ExperimentSpec; readonly findings: readonly Finding[] } {
  const { data, findings: structural } = checkStructure({ tree, written }, validator);
  const findings = [...structural];
  const resolveSlot = createSlotResolver(catalogue, validator, findings, movePath);
  const slots = resolveSlots(tree, data, resolveSlot);
  const [transforms = [], metrics = [], sinks = []] = slotLists.map((list) => resolveSlotList(tree, list, resolveSlot));
  const controls = find(tree, ['controls'])?.tree;
  const controlSlots =
    controls?.kind === 'list' ? controls.items.map((_, index) => resolveControlSlots(tree, index, resolveSlot)) : [];

  // A part of the document in which the structure check found nothing has its schema's shape.
  const draft = data as Draft;
  const sound = (key: keyof Draft): boolean => !structural.some(isUnder(key));
  const ownTestSet = slots.dataset !== undefined && bringsTestSet(slots.dataset, catalogue);
  const holdsOut = slots.partition !== undefined && bringsHoldouts(slots.partition, catalogue);
  if (sound('holdout'))
    findings.push(...(holdsOut ? checkNoHoldout(tree, draft.holdout) : checkHoldout(tree, draft.holdout, ownTestSet)));
  findings.push(...checkLocalWork(tree));
  if (sound('controls')) findings.push(...checkControls(tree, draft.controls));
  if (sound('controls') && sound('expect')) {
    findings.push(
      ...checkExpectations(tree, draft.expect, {
        controls: draft.controls,
        server: sound('server') ? draft.server : undefined,
        evaluate: sound('evaluate') ? draft.evaluate : undefined,
      }),
    );
  }
  if (sound('evaluate')) findings.push(...checkMetrics(tree, metrics));
  const isFound = sound('evaluate') && metrics.length === draft.evaluate.metrics.length;
  // Where a chosen metric is wrong, so would be what is said of its keys.
  if (isFound && (['holdout', 'controls', 'expect', 'server'] as const).every(sound)) {
    const validation = holdsOut || draft.holdout.validation > 0;
    findings.push(
      ...checkMetricKeys(tree, draft, { metrics: draft.evaluate.metrics.map(({ use }) => use), validation }),
    );
  }

  const { dataset, partition, model, optimizer, schedule, strategy, cohort } = slots;
  if (findings.length > 0 || !dataset || !partition || !model || !optimizer || !schedule || !strategy || !cohort) {
    return { findings };
  }
  const client: ClientSpec = { ...withoutDefaultEpochs(draft.client), optimizer, schedule };
  const spec = deepFreeze<ExperimentSpec>({
    apiVersion: draft.apiVersion,
    name: draft.name,
    seed: draft.seed,
    seeds: draft.seeds,
    plugins: draft.plugins,
    dataset,
    partition,
    holdout: ownTestSet || holdsOut ? draft.holdout : { test: defaultTestShare, ...draft.holdout },
    model,
    client,
    strategy,
    transforms,
    environment: withAttack(draft.environment, slots.attack),
    server: { ...draft.server, cohort },
    controls: draft.controls.map((entry, index) => resolveControl(entry, client, controlSlots[index])),
    evaluate: { ...draft.evaluate, metrics },
    checkpoint: draft.checkpoint,
    engine: draft.engine,
    executor: draft.executor,
    tracking: { ...draft.tracking, sinks },
    expect: draft.expect,
  });
  return { spec, findings };
}

/** Whether the data brings its own test set. */
function bringsTestSet({ use, split }: Slot, catalogue: Catalogue): boolean {
  return split === 'standard' || catalogue.find('dataset', use)?.holdsOut === true;
}

/** Whether a partition brings its own test and validation sets: its partitioner does, or the one that it passes on does. */
function bringsHoldouts(slot: Slot, catalogue: Catalogue): boolean {
  const plugin = catalogue.find('partitioner', slot.use);
  if (plugin === undefined) return false;
  if (plugin.holdsOut === true) return true;
  const { properties = {} }: JsonSchema = { ...plugin.options };
  return Object.entries(properties).some(([name, option]) => {
    const inner = slot[name] as Slot | undefined;
    return option.slot === 'partitioner' && inner !== undefined && bringsHoldouts(inner, catalogue);
  });
}

/** The default of `epochs` is of no use to clients that count steps. */
function withoutDefaultEpochs({ epochs, ...client }: ClientSpec): ClientSpec {
  return client.steps === undefined && epochs !== undefined ? { epochs, ...client } : client;
}

function isUnder(key: string): (finding: Finding) => boolean {
  return ({ path }) => path === key || path.startsWith(`${key}.`);
}

function pluginReferences(tree: MappingTree): readonly PluginReference[] {
  const plugins = find(tree, ['plugins'])?.tree;
  if (plugins?.kind !== 'list') return [];
  return plugins.items.flatMap((item) => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string') return [];
    const { source, from } = item.span;
    return [{ specifier: item.value, place: { file: source.name, ...positionOf(source, from) } }];
  });
}

/** The slots by the last word of their path, e.g. `optimizer`; one that is wrong or missing is left out. */
function resolveSlots(
  tree: MappingTree,
  data: unknown,
  resolveSlot: SlotResolver,
): Partial<Readonly<Record<string, Slot>>> {
  const slots: Record<string, Slot> = {};
  for (const { path, kind } of slotPlaces) {
    const use = [...path, 'use'].reduce(property, data);
    const { tree: written, ...place } = find(tree, path) ?? { tree: emptySlot(tree, path) };
    if (typeof use !== 'string' || written.kind !== 'mapping') continue;
    const slot = resolveSlot({ kind, use, path, tree: written, ...place });
    if (slot !== undefined) slots[path.at(-1) ?? ''] = slot;
  }
  return slots;
}

/** The entries of a list of slots; one that is wrong is left out. */
function resolveSlotList(tree: MappingTree, { path, kind }: SlotPlace, resolveSlot: SlotResolver): readonly Slot[] {
  const list = find(tree, path)?.tree;
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item, index) => {
    const use = item.kind === 'mapping' ? useOf(item) : undefined;
    if (item.kind !== 'mapping' || use === undefined) return [];
    const slot = resolveSlot({ kind, use, path: [...path, String(index)], tree: item });
    return slot === undefined ? [] : [slot];
  });
}

function withAttack({ attackers, ...rest }: EnvironmentSpec, attack: Slot | undefined): EnvironmentSpec {
  return attackers === undefined || attack === undefined ? rest : { ...rest, attackers: { ...attackers, attack } };
}

/** A slot that the spec leaves to its default has the place of what it was left out of. */
function emptySlot(tree: MappingTree, path: readonly string[]): MappingTree {
  return { kind: 'mapping', entries: new Map(), span: nearest(tree, path).tree.span };
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function checkHoldout(
  tree: MappingTree,
  { test, validation }: ExperimentSpec['holdout'],
  ownTestSet: boolean,
): readonly Finding[] {
  const at = find(tree, ['holdout', 'test'])?.key ?? find(tree, ['holdout'])?.key ?? tree.span;
  if (ownTestSet && test !== undefined) {
    const message = 'The dataset brings its own test set here, so holdout.test has nothing to do.';
    return [
      { at, path: 'holdout.test', message, hint: 'Leave out holdout.test, or use another split of the dataset.' },
    ];
  }
  const total = validation + (ownTestSet ? 0 : (test ?? defaultTestShare));
  if (total < 1) return [];
  const message = `holdout.test and holdout.validation take ${total} of the data together, which leaves nothing to train on.`;
  return [{ at, path: 'holdout', message, hint: 'Their sum must be below 1; test is 1/7 where it is not given.' }];
}

function checkNoHoldout(tree: MappingTree, { test, validation }: ExperimentSpec['holdout']): readonly Finding[] {
  if (test === undefined && validation === 0) return [];
  const at = find(tree, ['holdout'])?.key ?? tree.span;
  const message = 'The partition brings its own test and validation sets, so holdout has nothing to do.';
  return [{ at, path: 'holdout', message, hint: 'Leave out holdout, or use another partitioner.' }];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
