/** The study itself: tune, test, controls, limits, each only where the results do not have it yet. */
import {
  argumentsOf,
  type Cell,
  type Form,
  nameOf,
  oneLabel,
  refine,
  refinedRates,
  type Setting,
  tuningSeed,
} from './design.js';
import { type Control, chosenSetting, type Limit, type Outcome, type Store, type Trial, trialsOf } from './records.js';
import { type Evaluation, runSpec, type StudyRun } from './runs.js';

/** Evaluations that an accuracy is the mean of: that of a single round moves a lot where few clients take part. */
const TAIL = 5;
const spec = 'studies/label-skew.yaml';
const centralized = 'centralized';
/** Of the centralized control, the reference; a federation that does more work may exceed it. */
const centralizedEpochs = 20;
/** One step of one client: beside the centralized control the federation has nothing to do. */
const idle = ['client.steps=1', 'server.rounds=1', `controls=[{ use: centralized, epochs: ${centralizedEpochs} }]`];

export interface StudyOptions {
  readonly store: Store;
  /** Further arguments of every run, such as `executor.workers=1`. */
  readonly also: readonly string[];
  readonly log: (line: string) => void;
}

/** Runs what is missing of a form, what costs most last. */
export async function runStudy(form: Form, options: StudyOptions): Promise<void> {
  const { cells, testSeeds, longSeeds } = form;
  const isCheap = ({ steps }: Cell): boolean => steps <= 10;
  let done = 0;
  const measure = async (some: readonly Cell[]): Promise<void> => {
    for (const cell of some) {
      options.log(`${++done}/${cells.length}  ${nameOf(cell)}`);
      await measureCell(cell, testSeeds, options);
    }
  };
  await measureCentralized(form, options);
  await measure(cells.filter(isCheap));
  await measureLimits(testSeeds, options);
  await measure(cells.filter((cell) => !isCheap(cell)));
  await measurePaper(longSeeds, options);
}

async function measureCell(cell: Cell, seeds: readonly number[], { store, also, log }: StudyOptions): Promise<void> {
  const name = nameOf(cell);
  const run = (...args: readonly string[]) => runSpec(spec, [...argumentsOf(cell), ...args, ...also]);
  const trials = (): readonly Trial[] => trialsOf(store.records, name);
  const uses = (): readonly string[] => [...new Set(trials().map(({ strategy }) => strategy.use))];

  if (trials().length === 0) {
    log('  first trials');
    const runs = await run(`seed=${tuningSeed}`);
    await store.add(trialRecords(name, 'first', firstSettings, runs));
  }
  const best = (): readonly Trial[] => uses().flatMap((use) => chosenSetting(store.records, name, use) ?? []);
  if (!trials().some(({ stage }) => stage === 'second')) {
    log('  second trials');
    const settings = best().flatMap(refine);
    await store.add(trialRecords(name, 'second', settings, await run(`seed=${tuningSeed}`, sweepOf(settings))));
  }
  const tested = store.records.filter((record): record is Outcome => record.type === 'test' && record.cell === name);
  const missing = seeds.filter((seed) => !tested.some((outcome) => outcome.seed === seed));
  if (missing.length > 0) {
    log(`  test, seeds ${missing.join()}`);
    await store.add(outcomes(name, best(), missing, await run(sweepOf(best(), missing))));
  }
  const controlled = store.records.filter(
    (record): record is Control => record.type === 'control' && record.cell === name,
  );
  const unknown = seeds.filter((seed) => !controlled.some((control) => control.seed === seed));
  const [plain] = best().filter(({ strategy }) => strategy.use === 'fedavg');
  // Personal models of 100 clients say what those of 10 do, and take ten times as long to test.
  if (unknown.length > 0 && plain !== undefined && cell.clients === 10) {
    log(`  controls, seeds ${unknown.join()}`);
    const runs = await run(sweepOf([plain], unknown), 'controls=[iid, local-only]', 'evaluate.every=100');
    await store.add(
      runs.flatMap(({ seed, arms }) =>
        [...arms].flatMap(([arm, steps]) =>
          arm === 'federated' ? [] : [{ type: 'control' as const, cell: name, arm, seed, accuracy: accuracyOf(steps) }],
        ),
      ),
    );
  }
}

/** The reference: all images in one place, its learning rate tuned with as many trials as a strategy gets. */
async function measureCentralized({ testSeeds }: Form, { store, also, log }: StudyOptions): Promise<void> {
  const run = async (rates: readonly number[], seeds: readonly number[]): Promise<readonly StudyRun[]> => {
    const sweep = { strategy: [{ use: 'fedavg' }], 'client.optimizer.learningRate': rates, seed: seeds };
    const runs = await runSpec(spec, [...idle, `sweep=${JSON.stringify(sweep)}`, ...also]);
    return runs.map(({ arms, ...each }) => ({ ...each, arms: new Map([['federated', arms.get(centralized) ?? []]]) }));
  };
  const asSettings = (rates: readonly number[]) => rates.map((rate) => ({ strategy: { use: 'fedavg' }, rate }));
  const best = (): Trial | undefined => chosenSetting(store.records, centralized, 'fedavg');
  const isKnown = (stage: Trial['stage']) =>
    trialsOf(store.records, centralized).some((trial) => trial.stage === stage);
  log(centralized);
  if (!isKnown('first')) {
    const rates = [0.03, 0.1, 0.3, 1];
    await store.add(trialRecords(centralized, 'first', asSettings(rates), await run(rates, [tuningSeed])));
  }
  if (!isKnown('second')) {
    const rates = refinedRates(best()?.rate ?? 1);
    await store.add(trialRecords(centralized, 'second', asSettings(rates), await run(rates, [tuningSeed])));
  }
  const setting = best();
  const missing = testSeeds.filter(
    (seed) =>
      !store.records.some((record) => record.type === 'test' && record.cell === centralized && record.seed === seed),
  );
  if (setting === undefined || missing.length === 0) return;
  await store.add(outcomes(centralized, [setting], missing, await run([setting.rate], missing)));
}

/** One-label clients at their limits: ten times the rounds, and one step a round over all that a client has. */
async function measureLimits(seeds: readonly number[], options: StudyOptions): Promise<void> {
  const chosen = chosenSetting(options.store.records, nameOf(oneLabel), 'fedavg');
  if (chosen === undefined) return;
  const setting = [`strategy=${JSON.stringify(chosen.strategy)}`, `client.optimizer.learningRate=${chosen.rate}`];
  await measureCurve({ name: '1000 rounds', file: spec, every: 20 }, seeds, options, [
    ...argumentsOf(oneLabel),
    ...setting,
    'server.rounds=1000',
  ]);
  await measureCurve({ name: 'full batch', file: spec, every: 5 }, [tuningSeed], options, [
    'client={ steps: 1, batchSize: all, optimizer: { use: sgd, learningRate: 0.5 } }',
    'controls=[{ use: centralized, epochs: 100 }]',
  ]);
}

/** The paper's setting as docs/reproduction.md has it, with one label a client and ten times the rounds. */
async function measurePaper(seeds: readonly number[], options: StudyOptions): Promise<void> {
  await measureCurve({ name: 'paper, 1000 rounds', file: 'noniid-mnist.yaml', every: 20 }, seeds, options, [
    'partition.dominantShare=1',
    'server.rounds=1000',
    'controls=[]',
    'expect=[]',
  ]);
}

async function measureCurve(
  { name, file, every }: { readonly name: string; readonly file: string; readonly every: number },
  seeds: readonly number[],
  { store, also, log }: StudyOptions,
  args: readonly string[],
): Promise<void> {
  const known = store.records.filter((record): record is Limit => record.type === 'limit' && record.cell === name);
  const missing = seeds.filter((seed) => !known.some((record) => record.seed === seed));
  if (missing.length === 0) return;
  log(`${name}, seeds ${missing.join()}`);
  const sweep = `sweep=${JSON.stringify({ seed: missing })}`;
  const runs = await runSpec(file, [...args, `evaluate.every=${every}`, sweep, ...also]);
  await store.add(
    runs.flatMap(({ seed, arms }) =>
      [...arms].map(
        ([arm, steps]): Limit => ({
          type: 'limit',
          cell: name,
          arm,
          seed,
          every,
          curve: curveOf(steps),
          loss: steps.map((step) => Number((step['test/loss'] ?? Number.NaN).toFixed(6))),
        }),
      ),
    ),
  );
}

/** The settings of label-skew.yaml's own sweep. */
const firstSettings = 'all' as const;

/** A trial for each setting, those that diverged too. */
function trialRecords(
  cell: string,
  stage: Trial['stage'],
  settings: readonly Setting[] | typeof firstSettings,
  runs: readonly StudyRun[],
): readonly Trial[] {
  const measured = settings === 'all' ? runs : settings;
  return measured.map(({ strategy, rate }) => {
    const found = runs.find((run) => isSame(run, { strategy, rate }));
    const steps = found?.arms.get('federated');
    return {
      type: 'trial',
      cell,
      stage,
      strategy,
      rate,
      ...(steps !== undefined && { validation: tailOf(steps, 'validation/accuracy') }),
    };
  });
}

function outcomes(
  cell: string,
  settings: readonly Setting[],
  seeds: readonly number[],
  runs: readonly StudyRun[],
): readonly Outcome[] {
  return settings.flatMap(({ strategy, rate }) =>
    seeds.map((seed) => {
      const found = runs.find((run) => run.seed === seed && isSame(run, { strategy, rate }));
      const steps = found?.arms.get('federated');
      return {
        type: 'test' as const,
        cell,
        strategy,
        rate,
        seed,
        ...(steps !== undefined && {
          accuracy: tailOf(steps, 'test/accuracy'),
          worst: round(steps.at(-1)?.['clients/own-test/accuracy/min']),
          curve: curveOf(steps),
        }),
      };
    }),
  );
}

/** One case for each setting. */
function sweepOf(settings: readonly Setting[], seeds?: readonly number[]): string {
  const cases = settings.map(({ strategy, rate }) => ({
    strategy: [strategy],
    'client.optimizer.learningRate': [rate],
  }));
  return `sweep=${JSON.stringify({ cases, ...(seeds !== undefined && { seed: seeds }) })}`;
}

function isSame(a: Setting, b: Setting): boolean {
  return a.rate === b.rate && JSON.stringify(a.strategy) === JSON.stringify(b.strategy);
}

function curveOf(steps: readonly Evaluation[]): readonly number[] {
  return steps.map((step) => round(step['test/accuracy']));
}

function tailOf(steps: readonly Evaluation[], metric: string): number {
  const tail = steps.slice(-TAIL).map((step) => step[metric] ?? Number.NaN);
  return round(tail.reduce((sum, value) => sum + value, 0) / tail.length);
}

/** Of a control at its end: the deployed model's, or the mean of the clients' own ones. */
function accuracyOf(steps: readonly Evaluation[]): number {
  const last = steps.at(-1);
  return round(last?.['test/accuracy'] ?? last?.['personal/test/accuracy/mean']);
}

/** To hundredths of a percent: one of 10,000 test images. */
function round(value = Number.NaN): number {
  return Number(value.toFixed(4));
}
