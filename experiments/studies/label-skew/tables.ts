/** The tables of docs/studies/label-skew.md, each by its name on the page. */
import { type SampleSummary, summariseSample } from '@fedx/core/host';
import { type Cell, forms, nameOf, populations, type Setting, skewNames, strategies } from './design.js';
import { chosenSetting, type Limit, type StudyRecord } from './records.js';
import { atRound, centralizedOf, controlOf, lastRound, limitsOf, type Measured, measuredOf } from './summary.js';

type Row = readonly string[];

/** All parts, not as they are run but as tables go through them. */
const inOrder: readonly Cell[] = populations.flatMap((clients) =>
  [1, 10, 100].flatMap((steps) => skewNames.map((skew) => ({ skew, clients, steps }))),
);

/** Every table that the records have something for; an empty one says that it has not been measured. */
export function tables(records: readonly StudyRecord[]): Readonly<Record<string, string>> {
  const measured = (cell: Cell, use: string): Measured | undefined => measuredOf(records, cell, use);
  /** One row a cell, one column a strategy. */
  const byStrategy = (cells: readonly Cell[], show: (of: Measured) => string): string =>
    table(
      ['clients', 'steps', 'split', ...strategies],
      cells
        .filter((cell) => strategies.some((use) => measured(cell, use) !== undefined))
        .map((cell) => [
          ...describe(cell),
          ...strategies.map((use) => {
            const found = measured(cell, use);
            return found === undefined ? 'diverged' : show(found);
          }),
        ]),
    );
  const bySplit = populations.flatMap((clients) => skewNames.map((skew) => ({ skew, clients, steps: 10 })));
  const bySteps = (['IID', '1 label'] as const).flatMap((skew) =>
    populations.flatMap((clients) => [1, 10, 100].map((steps) => ({ skew, clients, steps }))),
  );
  return {
    headline: headline(records, bySplit),
    state: state(records),
    accuracy: byStrategy(bySplit, ({ accuracy }) => withMargin(accuracy)),
    relative: byStrategy(bySplit, ({ ofCentralized }) => withMargin(ofCentralized)),
    differences: byStrategy(bySplit, ({ lessFedavg }) =>
      lessFedavg === undefined ? '' : withMargin(lessFedavg, true),
    ),
    rounds: byStrategy(bySplit, ({ rounds }) => medianRounds(rounds)),
    worst: byStrategy(bySplit, ({ worst }) => withMargin(worst)),
    steps: byStrategy(bySteps, ({ accuracy }) => withMargin(accuracy)),
    controls: controls(records),
    limits: limits(records),
    settings: settings(records),
  };
}

/** What each split leaves of the centralized model: fedavg, and the strategy that the validation images would choose. */
function headline(records: readonly StudyRecord[], cells: readonly Cell[]): string {
  const rows = cells.flatMap((cell) => {
    const trials = strategies.flatMap((use) => chosenSetting(records, nameOf(cell), use) ?? []);
    const best = trials.toSorted((a, b) => (b.validation ?? -1) - (a.validation ?? -1))[0]?.strategy.use ?? '';
    const [plain, chosen] = ['fedavg', best].map((use) => measuredOf(records, cell, use));
    if (plain === undefined || chosen === undefined) return [];
    const alone = controlOf(records, cell, 'local-only');
    return [
      [
        ...describe(cell),
        withMargin(plain.accuracy),
        `${best} ${withMargin(chosen.accuracy)}`,
        withMargin(chosen.ofCentralized),
        alone === undefined ? '' : withMargin(alone),
      ],
    ];
  });
  return table(['clients', 'steps', 'split', 'fedavg', 'chosen strategy', '% of centralized', 'each alone'], rows);
}

/** How far the two forms of the study are. */
function state(records: readonly StudyRecord[]): string {
  const reference = centralizedOf(records).map(({ accuracy = Number.NaN }) => 100 * accuracy);
  const rows = Object.entries(forms).map(([form, { cells, testSeeds }]) => {
    const done = cells.filter((cell) =>
      testSeeds.every((seed) =>
        records.some((record) => record.type === 'test' && record.cell === nameOf(cell) && record.seed === seed),
      ),
    );
    return [form, `${done.length} of ${cells.length}`, testSeeds.join(', ')];
  });
  const trials = records.filter(({ type }) => type === 'trial').length;
  const tests = records.filter(({ type }) => type === 'test').length;
  return [
    table(['form', 'parts measured', 'test seeds'], rows),
    `In all ${trials} trials and ${tests} test runs. The centralized model has ${
      reference.length === 0 ? '(not measured yet)' : withMargin(summariseSample(reference))
    } % on the test images.`,
  ].join('\n\n');
}

function controls(records: readonly StudyRecord[]): string {
  const cells = inOrder.filter((cell) => controlOf(records, cell, 'iid') !== undefined);
  const show = (summary: SampleSummary | undefined): string => (summary === undefined ? '' : withMargin(summary));
  return table(
    ['clients', 'steps', 'split', 'fedavg', 'iid', 'local-only'],
    cells.map((cell) => [
      ...describe(cell),
      show(measuredOf(records, cell, 'fedavg')?.accuracy),
      show(controlOf(records, cell, 'iid')),
      show(controlOf(records, cell, 'local-only')),
    ]),
  );
}

function limits(records: readonly StudyRecord[]): string {
  const rounds = [100, 200, 500, 1000];
  const rows = ['1000 rounds', 'paper, 1000 rounds'].flatMap((name) => {
    const curves = limitsOf(records, name);
    if (curves.length === 0) return [];
    const label = name === '1000 rounds' ? 'fedavg, tuned' : "fedavg, the paper's setting";
    return [
      [
        label,
        String(curves.length),
        ...rounds.map((round) => withMargin(summariseSample(curves.map((curve) => atRound(curve, round))))),
      ],
    ];
  });
  const arms = limitsOf(records, 'full batch');
  const [federated, centralized] = ['federated', 'centralized'].map((name) => arms.find(({ arm }) => arm === name));
  const largest = (pick: 'curve' | 'loss'): number =>
    Math.max(...(federated?.[pick] ?? []).map((value, i) => Math.abs(value - (centralized?.[pick][i] ?? Number.NaN))));
  const lastOf = (limit: Limit | undefined): string => (100 * (limit?.curve.at(-1) ?? Number.NaN)).toFixed(2);
  return [
    table(['10 clients, 1 label each, after rounds', 'seeds', ...rounds.map(String)], rows),
    ...(federated === undefined
      ? []
      : [
          `With one step a round over all that a client has, the federation and centralized full-batch descent differ by at most ${(100 * largest('curve')).toFixed(2)} points of test accuracy and ${largest('loss').toExponential(1)} of test loss at any of ${federated.curve.length} evaluations in ${federated.curve.length * federated.every} rounds; they end at ${lastOf(federated)} and ${lastOf(centralized)} %.`,
        ]),
  ].join('\n\n');
}

function settings(records: readonly StudyRecord[]): string {
  const cells = inOrder.filter((cell) => chosenSetting(records, nameOf(cell), 'fedavg') !== undefined);
  const show = (setting: Setting | undefined): string => {
    if (setting === undefined) return 'all diverged';
    const { use: _, ...options } = setting.strategy;
    return [
      `lr ${setting.rate}`,
      ...Object.entries(options).map(([name, value]) => `${shortNames[name] ?? name} ${value}`),
    ].join(', ');
  };
  return table(
    ['clients', 'steps', 'split', ...strategies],
    cells.map((cell) => [
      ...describe(cell),
      ...strategies.map((use) => show(chosenSetting(records, nameOf(cell), use))),
    ]),
  );
}

const shortNames: Readonly<Record<string, string>> = { serverLearningRate: 'server lr' };

function describe({ clients, steps, skew }: Cell): readonly [string, string, string] {
  return [clients === 10 ? '10' : '100, C = 0.1', String(steps), skew];
}

/** The mean, and half the width of its 95 % confidence interval. */
function withMargin({ mean, interval }: SampleSummary, isSigned = false): string {
  const text = `${isSigned && mean >= 0 ? '+' : ''}${mean.toFixed(1)}`;
  return interval === undefined ? text : `${text} ± ${((interval[1] - interval[0]) / 2).toFixed(1)}`;
}

/** Median over seeds. One that was not reached counts as more than any: of so many, the number that was reached. */
function medianRounds(rounds: readonly number[]): string {
  const reached = rounds.filter(Number.isFinite).length;
  const middle = rounds[Math.floor((rounds.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;
  const median = Number.isFinite(middle) ? String(middle) : `> ${lastRound}`;
  return reached === rounds.length ? median : `${median} (${reached} of ${rounds.length})`;
}

function table(head: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return 'Not measured yet.';
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
