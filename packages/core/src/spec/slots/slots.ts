import type { PluginKind } from '../../contracts/index.js';
import { isIndex } from '../document/located-tree.js';

/** A place in a spec that chooses a plugin. */
export interface SlotPlace {
  readonly path: readonly string[];
  readonly kind: PluginKind;
}

/** The slots of a spec; a control's `client.optimizer` and `client.schedule` are more for each control that has them. */
export const slotPlaces: readonly SlotPlace[] = [
  { path: ['dataset'], kind: 'dataset' },
  { path: ['partition'], kind: 'partitioner' },
  { path: ['model'], kind: 'model' },
  { path: ['client', 'optimizer'], kind: 'optimizer' },
  { path: ['client', 'schedule'], kind: 'schedule' },
  { path: ['strategy'], kind: 'strategy' },
  { path: ['server', 'cohort'], kind: 'sampler' },
  { path: ['environment', 'attackers', 'attack'], kind: 'attack' },
];

/** The lists of which every entry is a slot, each with the kind of its entries. */
export const slotLists: readonly SlotPlace[] = [
  { path: ['transforms'], kind: 'transform' },
  { path: ['evaluate', 'metrics'], kind: 'metric' },
  { path: ['tracking', 'sinks'], kind: 'sink' },
];

/** What stands at `path` in a spec; undefined where there is nothing. */
export function valueAt(spec: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => Reflect.get(Object(value), step), spec);
}

/** The slots that a control may have, by their path in it. */
const controlSlots: ReadonlyMap<string, PluginKind> = new Map([
  ['client.optimizer', 'optimizer'],
  ['client.schedule', 'schedule'],
]);

/** Whether `path` leads to a slot, e.g. `strategy`, `transforms.0` or `controls.0.client.optimizer`. */
export function isSlot(path: readonly string[]): boolean {
  return slotKind(path) !== undefined;
}

/** The kind of plugin that the slot at `path` chooses; undefined where there is no slot. */
export function slotKind(path: readonly string[]): PluginKind | undefined {
  const entry = entryOf(path);
  if (entry !== undefined) return entry.path.length === path.length ? entry.kind : undefined;
  const [first] = path;
  const rest = path.slice(2);
  const inControl = first === 'controls' && rest.length > 0;
  const text = (inControl ? rest : path).join('.');
  if (inControl) return controlSlots.get(text);
  return slotPlaces.find((slot) => slot.path.join('.') === text)?.kind;
}

/** The entry of a list of slots that `path` leads to or into. */
export function entryOf(path: readonly string[]): SlotPlace | undefined {
  for (const list of slotLists) {
    const index = path[list.path.length];
    const isInList = list.path.every((step, at) => path[at] === step);
    if (isInList && index !== undefined && isIndex(index)) return { ...list, path: [...list.path, index] };
  }
  return undefined;
}
