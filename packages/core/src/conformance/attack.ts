import assert from 'node:assert/strict';
import type { Attack, AttackPlugin, OptionsSchema, Update } from '../contracts/index.js';
import { createUplink } from '../experiment/index.js';
import { createPlugin } from '../plugins/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { leavesAlone, updatesOf } from './simulated-uplink.js';

const honest = 0;

/** What every attack must do: relabel to classes that there are, keep names and shapes, and draw from its stream alone. */
export function attackConformance<Schema extends OptionsSchema>(
  plugin: AttackPlugin<Schema>,
  setup?: Setup<Schema>,
): readonly ConformanceCheck[];
export function attackConformance(plugin: AttackPlugin, setup: Setup = {}): readonly ConformanceCheck[] {
  const create = async () => {
    const options = await resolveOptions(plugin, setup.options ?? {});
    return createPlugin(plugin, () => plugin.create(options));
  };
  const play = async (attackers: readonly number[], seed = 1): Promise<readonly (readonly Update[])[]> => {
    const attack: Attack = await create();
    const uplink = createUplink({
      attack: { name: plugin.name, plugin: attack },
      attackers: new Set(attackers),
      transforms: [],
      privacy: undefined,
      reads: 'each',
      weights: 'uniform',
      environment: createRandom(seed).at('environment'),
      noise: createRandom(seed).at('noise'),
    });
    return [1, 2].map((round) => {
      const sent = updatesOf(round);
      return leavesAlone(sent, () => [...uplink.send(round, sent).updates]);
    });
  };
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'relabels or forges',
      run: async () => {
        const { relabel, forge } = await create();
        assert.ok(relabel !== undefined || forge !== undefined, 'It has neither relabel nor forge.');
      },
    },
    {
      title: 'relabels to classes that there are',
      run: async () => {
        const attack = await create();
        for (const classes of [2, 10, 62]) {
          for (let label = 0; label < classes; label++) {
            const made = attack.relabel?.(label, classes) ?? label;
            const isClass = Number.isInteger(made) && made >= 0 && made < classes;
            assert.ok(isClass, `Of ${classes} classes, ${label} became ${made}.`);
          }
        }
      },
    },
    {
      title: 'keeps names and shapes, with one attacker and with nobody else, and leaves honest updates alone',
      run: async () => {
        await play([0, 1, 2]);
        for (const [i, [first]] of (await play([1, 2])).entries())
          assert.deepEqual(first, updatesOf(i + 1)[honest], 'An honest update was changed.');
        await play([1]);
      },
    },
    {
      title: 'does the same again with the same stream',
      run: async () => {
        assert.deepEqual(await play([0, 2]), await play([0, 2]), 'Two runs differ; draw from `random` alone.');
      },
    },
  ];
}
