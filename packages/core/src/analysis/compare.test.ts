import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFedxError } from '../errors/index.js';
import { type ComparedRun, compareRuns } from './compare.js';

let ids = 0;

/** A run of FedProx with some mu and seed; `more` overrides anything. */
function run(
  mu: number,
  seed: number,
  values: Readonly<Record<string, number>>,
  more: { readonly spec?: object; readonly split?: string; readonly id?: string } = {},
): ComparedRun {
  return {
    id: more.id ?? `r${String(++ids).padStart(4, '0')}`,
    seed,
    split: more.split ?? `split of seed ${seed}`,
    spec: {
      name: 'n',
      seed,
      strategy: { use: 'fedprox', mu },
      client: { optimizer: { use: 'sgd', learningRate: 0.1 } },
      controls: [{ use: 'centralized', name: 'centralized', client: { optimizer: { use: 'sgd', learningRate: 0.5 } } }],
      executor: { workers: seed },
      ...more.spec,
    },
    values: new Map(Object.entries(values)),
  };
}

const request = { metric: 'test/accuracy', at: 'last' } as const;

function hintOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isFedxError(error) && error.code === 'FEDX_COMPARE_IMPOSSIBLE') return `${error.message} ${error.hint}`;
    throw error;
  }
  return 'nothing was thrown';
}

describe('comparing runs', () => {
  it('summarises each configuration over its seeds, and pairs them by seed: an example worked by hand', () => {
    const { arms, differences } = compareRuns(
      [
        run(0, 1, { federated: 0.8 }),
        run(0, 2, { federated: 0.9 }),
        run(0, 3, { federated: 0.7 }),
        run(1, 1, { federated: 0.82 }),
        run(1, 2, { federated: 0.94 }),
        run(1, 3, { federated: 0.73 }),
      ],
      request,
    );
    // Mean 0.8, squared deviations 0 + 0.01 + 0.01, standard deviation 0.1, margin 4.303 * 0.1 / sqrt(3) = 0.24842.
    expect(arms[0]).toMatchObject({ arm: 'federated', configuration: { 'strategy.mu': 0 }, seeds: [1, 2, 3] });
    expect(arms[0]?.mean).toBeCloseTo(0.8, 12);
    expect(arms[0]?.standardDeviation).toBeCloseTo(0.1, 12);
    expect(arms[0]?.interval?.[0]).toBeCloseTo(0.8 - 0.24841, 4);
    // Differences 0.02, 0.04, 0.03: mean 0.03, standard deviation 0.01, margin 0.024842; t = 3 * sqrt(3) with 2 degrees.
    expect(differences).toHaveLength(1);
    const [difference] = differences;
    expect(difference).toMatchObject({
      configuration: { 'strategy.mu': 1 },
      baseline: { arm: 'federated', configuration: { 'strategy.mu': 0 } },
      seeds: [1, 2, 3],
      unpaired: [],
    });
    expect(difference?.mean).toBeCloseTo(0.03, 12);
    expect(difference?.standardDeviation).toBeCloseTo(0.01, 12);
    expect(difference?.interval?.[1]).toBeCloseTo(0.03 + 0.024841, 5);
    // scipy.stats.ttest_rel([.82, .94, .73], [.8, .9, .7]).pvalue of SciPy 1.17.1.
    expect(difference?.pValue).toBeCloseTo(0.03509871864598482, 10);
  });

  it('knows runs by what differs other than the seed, the executor, the other arms and what is expected', () => {
    const { arms } = compareRuns(
      [
        run(0, 1, { federated: 0.8 }),
        run(0, 2, { federated: 0.9 }, { spec: { controls: [], expect: [{ arm: 'federated' }], plugins: ['./x.ts'] } }),
      ],
      request,
    );
    expect(arms).toMatchObject([{ configuration: {}, count: 2 }]);
  });

  it('describes a control by its own client', () => {
    const other = {
      controls: [{ use: 'centralized', name: 'centralized', client: { optimizer: { learningRate: 0.7 } } }],
    };
    const { arms } = compareRuns(
      [
        run(0, 1, { federated: 0.8, centralized: 0.9 }),
        run(0, 2, { federated: 0.8, centralized: 0.9 }, { spec: other }),
      ],
      request,
    );
    expect(arms.map(({ arm, configuration }) => [arm, configuration])).toEqual([
      ['federated', {}],
      ['centralized', { 'client.optimizer.use': 'sgd', 'client.optimizer.learningRate': 0.5 }],
      ['centralized', { 'client.optimizer.learningRate': 0.7 }],
    ]);
  });

  it('counts a repetition without a new seed once, the later run', () => {
    const { arms } = compareRuns(
      [run(0, 1, { federated: 0.8 }, { id: 'old' }), run(0, 1, { federated: 0.8 }, { id: 'new' })],
      request,
    );
    expect(arms).toMatchObject([{ count: 1, runs: ['new'] }]);
    expect(arms[0]).not.toHaveProperty('interval');
  });

  it('pairs only where both had the same split', () => {
    const { differences } = compareRuns(
      [
        run(0, 1, { federated: 0.8 }),
        run(0, 2, { federated: 0.8 }),
        run(1, 1, { federated: 0.9 }),
        run(1, 2, { federated: 0.9 }, { split: 'another' }),
        run(1, 3, { federated: 0.9 }),
      ],
      request,
    );
    expect(differences).toMatchObject([{ seeds: [1], unpaired: [2], count: 1 }]);
    const [none] = compareRuns(
      [run(0, 1, { federated: 0.8 }), run(1, 1, { federated: 0.9 }, { split: 'another' })],
      request,
    ).differences;
    expect(none).toMatchObject({ seeds: [], unpaired: [1] });
    expect(none).not.toHaveProperty('mean');
  });

  it('takes an arm as the baseline: each other arm of the same runs less it', () => {
    const { differences } = compareRuns(
      [
        run(0, 1, { federated: 0.8, centralized: 0.9 }),
        run(0, 2, { federated: 0.85, centralized: 0.9 }),
        run(1, 1, { federated: 0.7, centralized: 0.9 }),
      ],
      { ...request, baseline: 'centralized' },
    );
    expect(differences.map(({ arm, configuration, count }) => [arm, configuration['strategy.mu'], count])).toEqual([
      ['federated', 0, 2],
      ['federated', 1, 1],
    ]);
    expect(differences[0]?.mean).toBeCloseTo(-0.075, 12);
  });

  it('holds each configuration against a control that is the same in all of them', () => {
    const { arms, differences } = compareRuns(
      [0.1, 0.2, 0.3].flatMap((learningRate) =>
        [1, 2].map((seed) => {
          const spec = { client: { optimizer: { use: 'sgd', learningRate } } };
          return run(0, seed, { federated: 0.8, centralized: 0.9 }, { id: `r-${learningRate}-${seed}`, spec });
        }),
      ),
      { ...request, baseline: 'centralized' },
    );
    expect(arms.filter(({ arm }) => arm === 'centralized')).toMatchObject([{ count: 2 }]);
    expect(differences.map(({ configuration, count }) => [Object.values(configuration), count])).toEqual([
      [[0.1], 2],
      [[0.2], 2],
      [[0.3], 2],
    ]);
  });

  it('takes a configuration as the baseline, in every arm', () => {
    const runs = [0, 1, 2].map((mu) => run(mu, 1, { federated: mu / 10, centralized: 0.9 }));
    const { differences } = compareRuns(runs, { ...request, baseline: 'strategy.mu=1' });
    expect(differences.map(({ arm, configuration, mean }) => [arm, configuration['strategy.mu'], mean])).toEqual([
      ['federated', 0, -0.1],
      ['centralized', 0, 0],
      ['federated', 2, 0.1],
      ['centralized', 2, 0],
    ]);
  });

  it.each(['strategy.mu=7', 'strategy.mu', 'local-only', 'strategy.mu=[', ''])(
    'says what there is where no baseline is %j',
    (baseline) => {
      const runs = [0, 1].map((mu) => run(mu, 1, { federated: 0.5 }));
      const said = hintOf(() => compareRuns(runs, { ...request, baseline }));
      expect(said).toContain('Arms: federated. Configurations: "strategy.mu=0", "strategy.mu=1".');
    },
  );

  it('refuses a baseline that fits several configurations', () => {
    const runs = [0, 1].flatMap((mu) => [0.1, 0.2].map((model) => run(mu, 1, { federated: 0.5 }, { spec: { model } })));
    const said = hintOf(() => compareRuns(runs, { ...request, baseline: 'strategy.mu=0' }));
    expect(said).toContain('fits several configurations');
    expect(compareRuns(runs, { ...request, baseline: 'strategy.mu=0 model=0.2' }).differences).toHaveLength(3);
  });

  it('refuses runs that do not have the metric', () => {
    expect(hintOf(() => compareRuns([run(0, 1, {})], request))).toContain('No completed arm has test/accuracy at last');
  });

  it('does not depend on the order of the runs', () => {
    const runs = [0, 1, 2].flatMap((mu) => [1, 2, 3].map((seed) => run(mu, seed, { federated: mu / 10 + seed / 7 })));
    const means = (shuffled: readonly ComparedRun[]) =>
      compareRuns(shuffled, { ...request, baseline: 'strategy.mu=0' })
        .differences.map(({ configuration, mean, seeds }) => JSON.stringify([configuration, mean, seeds]))
        .toSorted();
    const expected = means(runs);
    fc.assert(
      fc.property(fc.shuffledSubarray(runs, { minLength: runs.length }), (shuffled) => {
        expect(means(shuffled)).toEqual(expected);
      }),
    );
  });
});
