import assert from 'node:assert/strict';
import type { OptionsSchema, SamplerPlugin } from '../contracts/index.js';
import { checkedCandidates, checkedCohort } from '../experiment/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { watchRandom } from './watched-random.js';

const rounds = Array.from({ length: 20 }, (_, index) => index + 1);

/** Training examples of twelve clients. */
const usual = [600, 580, 20, 1, 2, 940, 600, 600, 350, 75, 600, 610];

const aThousand = Array.from({ length: 1000 }, (_, client) => 1 + (client % 7));

const extremes: readonly (readonly [string, readonly number[]])[] = [
  ['one client', [600]],
  ['two clients', [1, 1]],
  ['a thousand clients', aThousand],
  ['clients of which one has nearly everything', [1, 1, 1, 50_000, 1, 1]],
];

/** Some loss for each candidate. */
function lossesOf(candidates: readonly number[], round: number): ReadonlyMap<number, number> {
  return new Map(candidates.map((client) => [client, createRandom(3).at('loss', round, client).uniform()]));
}

/**
 * What every sampler must do. Cohorts are checked as a run checks them: client numbers in range, ascending, each once,
 * at least one.
 */
export function samplerConformance<Schema extends OptionsSchema>(
  plugin: SamplerPlugin<Schema>,
  setup?: Setup<Schema>,
): readonly ConformanceCheck[];
export function samplerConformance(plugin: SamplerPlugin, setup: Setup = {}): readonly ConformanceCheck[] {
  const draw = async (order: readonly number[], examples: readonly number[] = usual, seed = 1) => {
    const options = await resolveOptions(plugin, setup.options ?? {});
    const directory = '.';
    const { random, hasDrawn } = watchRandom(createRandom(seed).at('cohort'));
    const cohorts = new Map(
      order.map((round) => {
        const candidates = checkedCandidates(plugin, options, { examples, round, random, directory });
        const losses = candidates && lossesOf(candidates, round);
        return [round, checkedCohort(plugin, options, { examples, round, random, directory, losses })] as const;
      }),
    );
    return { cohorts: rounds.map((round) => cohorts.get(round)), hasDrawn: hasDrawn() };
  };
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'gives ascending client numbers, each once, at least one, round after round',
      run: async () => {
        await draw(rounds);
      },
    },
    ...extremes.map(([what, examples]) => ({
      title: `chooses among ${what}`,
      run: async () => {
        await draw(rounds, examples);
      },
    })),
    {
      title: 'gives the same cohort for a round, whatever was drawn before',
      run: async () => {
        const [forwards, backwards] = [await draw(rounds), await draw(rounds.toReversed())];
        assert.deepEqual(backwards.cohorts, forwards.cohorts, 'A cohort depends on the rounds that were drawn before.');
      },
    },
    {
      title: 'gives other cohorts for other rounds and seeds, if it draws at all',
      run: async () => {
        const first = await draw(rounds, aThousand);
        if (!first.hasDrawn) return;
        const distinct = new Set(first.cohorts.map(String));
        assert.ok(distinct.size > 1, 'It draws from its stream, but all rounds have one cohort.');
        const other = await draw(rounds, aThousand, 2);
        assert.notDeepEqual(other.cohorts, first.cohorts, 'It draws from its stream, but two seeds give one history.');
      },
    },
  ];
}
