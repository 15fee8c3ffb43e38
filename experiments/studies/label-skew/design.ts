/** What the study goes through: who holds which labels, how many clients there are, how many steps they take a round. */

/** A strategy as a spec chooses it. */
export interface Strategy {
  readonly use: string;
  readonly [option: string]: string | number;
}

/** What tuning chooses: a strategy with its options, and the clients' learning rate. */
export interface Setting {
  readonly strategy: Strategy;
  readonly rate: number;
}

type SkewName = 'IID' | '55 %' | '90 %' | '5 labels' | '2 labels' | '1 label';

/** One part of the study, in which every strategy is tuned and then tested. */
export interface Cell {
  readonly skew: SkewName;
  readonly clients: Population;
  /** Local steps a round. */
  readonly steps: number;
}

/** 10 clients that all take part, or 100 of which a tenth does. */
type Population = 10 | 100;

/** How much of the study is run. */
export interface Form {
  readonly cells: readonly Cell[];
  /** Fresh ones; settings are chosen with {@link tuningSeed}. */
  readonly testSeeds: readonly number[];
  /** Seeds of the paper's own setting with one-label clients, over many rounds. */
  readonly longSeeds: readonly number[];
}

export const tuningSeed = 1;
export const strategies = ['fedavg', 'fedprox', 'scaffold', 'fedavgm', 'fedadam', 'feddyn'] as const;
export const populations: readonly Population[] = [10, 100];

/** From no skew to all of it. At 55 % and 90 %, that share of a digit belongs to the clients for which it is dominant. */
export const skews: Readonly<Record<SkewName, object>> = {
  IID: { use: 'dominant-label', dominantShare: 0.1 },
  '55 %': { use: 'dominant-label', dominantShare: 0.55 },
  '90 %': { use: 'dominant-label', dominantShare: 0.9 },
  '5 labels': { use: 'missing-labels', missing: 5 },
  '2 labels': { use: 'missing-labels', missing: 8 },
  '1 label': { use: 'dominant-label', dominantShare: 1 },
};

/** What the words above mean, for the page. */
export const skewNames = Object.keys(skews) as readonly SkewName[];

/** The case that the paper doubts: ten clients with one digit each. */
export const oneLabel: Cell = { skew: '1 label', clients: 10, steps: 10 };

const shortCells: readonly Cell[] = [
  ...(['1 label', 'IID', '2 labels'] as const).flatMap((skew) =>
    populations.map((clients) => ({ skew, clients, steps: 10 })),
  ),
  { skew: '1 label', clients: 10, steps: 1 },
  { skew: '1 label', clients: 10, steps: 100 },
];

const otherCells: readonly Cell[] = [10, 1, 100]
  .flatMap((steps) => skewNames.flatMap((skew) => populations.map((clients) => ({ skew, clients, steps }))))
  .filter((cell) => !shortCells.some((known) => nameOf(known) === nameOf(cell)));

export const forms: Readonly<Record<'short' | 'full', Form>> = {
  short: { cells: shortCells, testSeeds: [101, 102, 103], longSeeds: [101] },
  full: { cells: [...shortCells, ...otherCells], testSeeds: [101, 102, 103, 104, 105], longSeeds: [101, 102, 103] },
};

/** A cell's name, in results and for sorting. */
export function nameOf({ skew, clients, steps }: Cell): string {
  return `${skew}/${clients} clients/${steps} steps`;
}

/** A cell as arguments of `fedx run`. */
export function argumentsOf({ skew, clients, steps }: Cell): readonly string[] {
  const cohort = clients === 10 ? { use: 'all' } : { use: 'uniform', share: 0.1 };
  return [
    `partition=${JSON.stringify({ ...skews[skew], clients })}`,
    `client.steps=${steps}`,
    `server.cohort=${JSON.stringify(cohort)}`,
  ];
}

/** Factors of the learning rate that was best so far, for what has nothing else to choose. */
const finerRates = [0.5, 1.8];

/** What a strategy's last two trials change in the best of its first four (those of label-skew.yaml). */
const secondTrials: Readonly<Record<string, readonly Partial<Strategy>[]>> = {
  fedprox: [{ mu: 0.01 }, { mu: 1 }],
  fedavgm: [{ momentum: 0.5 }, { momentum: 0.9, serverLearningRate: 0.3 }],
  fedadam: [{ serverLearningRate: 0.01 }, { serverLearningRate: 0.1 }],
  feddyn: [{ alpha: 0.03 }, { alpha: 0.3 }],
};

/** The last part of the tuning, around the best of the first. */
export function refine({ strategy, rate }: Setting): readonly Setting[] {
  const changes = secondTrials[strategy.use];
  if (changes === undefined) return refinedRates(rate).map((finer) => ({ strategy, rate: finer }));
  return changes.map((change) => ({ strategy: { ...strategy, ...change } as Strategy, rate }));
}

/** Learning rates around one, to two digits. */
export function refinedRates(rate: number): readonly number[] {
  return finerRates.map((factor) => Number((rate * factor).toPrecision(2)));
}
