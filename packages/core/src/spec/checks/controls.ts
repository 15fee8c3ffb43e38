import { type Finding, pathText } from '../document/diagnostics.js';
import { find, type MappingTree, overlaySlot, type Tree, useOf } from '../document/located-tree.js';
import type { ClientSpec, ControlSpec } from '../experiment-spec.js';
import type { SlotResolver } from '../slots/slot-options.js';

/** The arm that every run has; no control may take its name. */
export const federatedArm = 'federated';

/** An entry of `controls` that passed the structure check. */
export type ControlEntry = ControlSpec['use'] | ControlOverlay;

interface ControlOverlay {
  readonly use: ControlSpec['use'];
  readonly name?: string;
  readonly epochs?: number;
  readonly match?: 'examples' | 'steps';
  readonly client?: Partial<ClientSpec>;
}

/** What is wrong with controls beyond their structure: names given twice, and options that do not go together. */
export function checkControls(tree: Tree, controls: readonly ControlEntry[]): readonly Finding[] {
  const names = new Set([federatedArm]);
  return controls.flatMap((entry, index) => {
    const overlay: ControlOverlay = typeof entry === 'string' ? { use: entry } : entry;
    const name = overlay.name ?? overlay.use;
    const findings: Finding[] = [];
    const report = (key: string, message: string, hint: string): void => {
      const path = ['controls', String(index)];
      const at = find(tree, [...path, key]) ?? find(tree, path);
      findings.push({
        at: (key === 'name' ? undefined : at?.key) ?? at?.tree.span ?? tree.span,
        path: pathText([...path, key]),
        message,
        hint,
      });
    };
    if (names.has(name)) {
      const message =
        name === federatedArm ? `The name ${name} belongs to the federated run.` : `Two controls are called ${name}.`;
      report('name', message, 'Give this one another name.');
    }
    names.add(name);
    if (overlay.use !== 'centralized') {
      for (const key of ['epochs', 'match'] as const) {
        if (overlay[key] !== undefined)
          report(
            key,
            `The control ${overlay.use} has no ${key}.`,
            'Only centralized has; local epochs are client.epochs.',
          );
      }
    } else if (overlay.epochs !== undefined && overlay.match !== undefined) {
      report(
        'match',
        'Epochs and match are both given, but each alone says how long the control trains.',
        'Keep one of them.',
      );
    }
    return findings;
  });
}

/** The slots of a client that a control may lay over, and what an overlay without `use` means where the client has none. */
const clientSlots = { optimizer: undefined, schedule: 'constant' } as const;

type ClientSlots = Partial<Pick<ClientSpec, keyof typeof clientSlots>>;

/** A control's overlay laid over the federated run's client, key by key. `slots` are the control's own, resolved. */
export function resolveControl(entry: ControlEntry, base: ClientSpec, slots: ClientSlots = {}): ControlSpec {
  const overlay: ControlOverlay = typeof entry === 'string' ? { use: entry } : entry;
  const { use, name = use, epochs, match = 'examples' } = overlay;
  const { epochs: _, steps: __, ...others } = base;
  const { optimizer, schedule } = base;
  // Epochs or steps of its own are what the control is to train by, not those of the federated run.
  const isOwnWork = overlay.client?.epochs !== undefined || overlay.client?.steps !== undefined;
  const client = { ...(isOwnWork ? others : base), ...overlay.client, optimizer, schedule, ...slots };
  return use === 'centralized'
    ? { use, name, client, ...(epochs !== undefined && { epochs }), match }
    : { use, name, client };
}

/** The resolved slots of control `index`; one that is that of the federated run, or wrong, is left out. */
export function resolveControlSlots(tree: Tree, index: number, resolveSlot: SlotResolver): ClientSlots {
  return Object.fromEntries(
    (['optimizer', 'schedule'] as const).flatMap((kind) => {
      const path = ['controls', String(index), 'client', kind];
      const overlay = find(tree, path);
      const base = find(tree, ['client', kind])?.tree;
      if (overlay?.tree.kind !== 'mapping') return [];
      const merged: MappingTree = base?.kind === 'mapping' ? overlaySlot(base, overlay.tree) : overlay.tree;
      const use = useOf(merged) ?? clientSlots[kind];
      if (use === undefined) return [];
      const key = overlay.key !== undefined && { key: overlay.key };
      const slot = resolveSlot({ kind, use, path, tree: merged, ...key });
      return slot === undefined ? [] : [[kind, slot]];
    }),
  );
}
