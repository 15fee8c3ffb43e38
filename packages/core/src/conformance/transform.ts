import assert from 'node:assert/strict';
import type { OptionsSchema, Transform, TransformPlugin, Update } from '../contracts/index.js';
import { createUplink, type Uplink } from '../experiment/index.js';
import { norm, scale } from '../parameters/index.js';
import { createPlugin } from '../plugins/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { assertPlainData } from './plain-data.js';
import { leavesAlone, updatesOf } from './simulated-uplink.js';

/** The bound that every transform is given, and what gives it. */
const BOUND = 1;
const bounded: Transform = {
  apply({ sent, bytes }) {
    const length = norm(sent);
    return { sent: scale(sent, length > BOUND ? BOUND / length : 1), bytes, bound: BOUND };
  },
};

const rounds = [1, 2, 3];

/**
 * What every transform must do: keep names and shapes, leave its arguments alone, draw from its stream alone, keep what it
 * remembers as plain data, say how many bytes go over the wire, and hold the bound that it gives.
 */
export function transformConformance<Schema extends OptionsSchema, State, Server>(
  plugin: TransformPlugin<Schema, State, Server>,
  setup?: Setup<Schema>,
): readonly ConformanceCheck[];
export function transformConformance(plugin: TransformPlugin, setup: Setup = {}): readonly ConformanceCheck[] {
  const create = async () => {
    const options = await resolveOptions(plugin, setup.options ?? {});
    return createPlugin(plugin, () => plugin.create(options));
  };
  const start = async (watch: (made: Transform) => Transform = (made) => made, seed = 1): Promise<Uplink> =>
    createUplink({
      attackers: new Set(),
      transforms: [
        { name: 'a clip before', plugin: bounded },
        { name: plugin.name, plugin: watch(await create()) },
      ],
      privacy: undefined,
      reads: 'each',
      weights: 'uniform',
      environment: createRandom(seed).at('environment'),
      noise: createRandom(seed).at('noise'),
    });
  const play = (uplink: Uplink, some: readonly number[] = rounds): readonly (readonly Update[])[] =>
    some.map((round) => leavesAlone(updatesOf(round), () => [...uplink.send(round, updatesOf(round)).updates]));
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'keeps names and shapes, round after round, also of a client that has not moved',
      run: async () => {
        play(await start());
      },
    },
    {
      title: 'leaves its arguments alone',
      run: async () => {
        const watch = (made: Transform): Transform => ({
          ...made,
          apply(call) {
            const before = structuredClone([call.sent, call.state, call.server]);
            const result = made.apply(call);
            assert.deepEqual([call.sent, call.state, call.server], before, 'An argument was written to.');
            return result;
          },
        });
        play(await start(watch));
      },
    },
    {
      title: 'does the same again with the same streams',
      run: async () => {
        assert.deepEqual(play(await start()), play(await start()), 'Two runs differ; draw from `random` alone.');
      },
    },
    {
      title: 'keeps all that it remembers in its states, as plain data',
      run: async () => {
        const whole = await start();
        play(whole, [1, 2]);
        const state = whole.state();
        state.server.forEach((one) => {
          assertPlainData(one, 'server');
        });
        for (const { kept } of state.clients) assertPlainData(kept, 'state');
        const resumed = await start();
        resumed.restore(structuredClone(state));
        assert.deepEqual(play(resumed, [3]), play(whole, [3]), 'It remembers more than its states.');
      },
    },
    {
      title: 'says how many bytes go over the wire',
      run: async () => {
        const { bytes } = (await start()).send(1, updatesOf(1));
        assert.ok(Number.isSafeInteger(bytes) && bytes > 0, `It says ${bytes} bytes.`);
      },
    },
    {
      title: 'holds the bound that it gives',
      run: async () => {
        const watch = (made: Transform): Transform => ({
          ...made,
          apply(call) {
            const result = made.apply(call);
            const isCentral = made.privacy?.role === 'noise';
            if (result.bound !== undefined && !isCentral)
              assert.ok(norm(result.sent) <= result.bound * (1 + 1e-5), `A norm of ${norm(result.sent)} passed.`);
            return result;
          },
        });
        play(await start(watch));
      },
    },
  ];
}
