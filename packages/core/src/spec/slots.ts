import type { PluginKind } from '../contracts/index.js';

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
];

/** The slots that a control may have, by their path in it. */
const controlSlots: ReadonlyMap<string, PluginKind> = new Map([
  ['client.optimizer', 'optimizer'],
  ['client.schedule', 'schedule'],
]);

/** Whether `path` leads to a slot, e.g. `strategy` or `controls.0.client.optimizer`. */
export function isSlot(path: readonly string[]): boolean {
  return slotKind(path) !== undefined;
}

/** The kind of plugin that the slot at `path` chooses; undefined where there is no slot. */
export function slotKind(path: readonly string[]): PluginKind | undefined {
  const [first, , ...rest] = path;
  const inControl = first === 'controls' && rest.length > 0;
  const text = (inControl ? rest : path).join('.');
  if (inControl) return controlSlots.get(text);
  return slotPlaces.find((slot) => slot.path.join('.') === text)?.kind;
}
