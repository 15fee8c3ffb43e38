import assert from 'node:assert/strict';
import type { OptionsSchema, SchedulePlugin, ScheduleTime } from '../contracts/index.js';
import { createPlugin } from '../plugins/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';

/** The rounds and steps of short and long runs. */
const times: readonly ScheduleTime[] = [1, 2, 7, 100].flatMap((rounds) =>
  Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    [0, 1, 50, 10_000].map((step) => ({ round, rounds, step })),
  ),
);

/**
 * What every schedule must do: give a finite factor of at least 0 at any time of a run, the same whenever it is asked, and
 * go by what it says it goes by.
 */
export function scheduleConformance<Schema extends OptionsSchema>(
  plugin: SchedulePlugin<Schema>,
  setup?: Setup<Schema>,
): readonly ConformanceCheck[];
export function scheduleConformance(plugin: SchedulePlugin, setup: Setup = {}): readonly ConformanceCheck[] {
  const create = async () => {
    const options = await resolveOptions(plugin, setup.options ?? {});
    return createPlugin(plugin, () => plugin.create(options));
  };
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'gives a finite factor of at least 0 at any time of a run',
      run: async () => {
        const { factor } = await create();
        for (const time of times) {
          const given = factor(time);
          assert.ok(Number.isFinite(given) && given >= 0, `The factor at ${JSON.stringify(time)} is ${given}.`);
        }
        const some = times.some((time) => factor(time) > 0);
        assert.ok(some, 'The factor is always 0: nothing would be learnt.');
      },
    },
    {
      title: 'gives the same factor for the same time, in any order',
      run: async () => {
        const [first, second] = [await create(), await create()];
        const forwards = times.map((time) => first.factor(time));
        const backwards = times.toReversed().map((time) => second.factor(time));
        assert.deepEqual(backwards.toReversed(), forwards, 'A factor depends on what was asked before.');
        assert.deepEqual(
          times.map((time) => first.factor(time)),
          forwards,
          'Asked again, it gives other factors.',
        );
      },
    },
    {
      title: 'goes by rounds or by steps, as it says',
      run: async () => {
        const { over, factor } = await create();
        assert.ok(['rounds', 'steps'].includes(over), `over is ${over}.`);
        if (over === 'steps') return;
        for (const time of times) {
          assert.equal(
            factor(time),
            factor({ ...time, step: 0 }),
            'It says that it goes by rounds, but looks at the step.',
          );
        }
      },
    },
  ];
}
