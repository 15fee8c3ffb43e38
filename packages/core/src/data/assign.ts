import type { Dataset } from '../contracts/index.js';
import type { Random } from '../random/index.js';
import { apportion } from './apportion.js';
import type { ClientExamples } from './federated-data.js';
import type { Holdout } from './holdout.js';
import { countLabels, groupByLabel, labelsOf } from './labels.js';
import { cutRows, joinRows } from './rows.js';

type Use = keyof Holdout;

const uses: readonly Use[] = ['train', 'validation', 'test'];

/**
 * Fills label quotas `[clients][classes]` with images. Label by label, clients get test images in proportion to their
 * quotas (largest remainder, ties to the lower client number), then validation images in proportion to what is left of
 * the quotas, then training images for the rest. Of many clients with a few images each, the first could so have all of
 * theirs held out, label after label: where one is left with nothing to train on, ties go to whoever has the least held out so
 * far. `random` decides which ones.
 *
 * A quota counts all images of a client, unless the dataset brings its own test set: then its share of that comes on top.
 */
export function fillQuotas(
  dataset: Dataset,
  holdout: Holdout,
  quotas: readonly (readonly number[])[],
  random: Random,
): ClientExamples[] {
  const pools = byUse((use) => groupByLabel(holdout[use], dataset.labels, dataset.classes));
  const hands = quotas.map(() => byUse((): Uint32Array[] => []));

  const division = Array.from({ length: dataset.classes }, (_, label) => ({
    pool: byUse((use) => pools[use][label] ?? new Uint32Array()),
    wanted: quotas.map((quota) => quota[label] ?? 0),
  }));
  const ownTestSet = dataset.testFrom !== undefined;
  const byNumber = divideLabels(division, ownTestSet, false);
  const counts = leavesOneOut(byNumber, quotas) ? divideLabels(division, ownTestSet, true) : byNumber;

  division.forEach(({ pool }, label) => {
    for (const use of uses) {
      const shuffled = random.at('assign', use, label).shuffle(pool[use]);
      const parts = cutRows(shuffled, counts[label]?.[use] ?? []);
      hands.forEach((hand, client) => hand[use].push(parts[client] ?? new Uint32Array()));
    }
  });
  return hands.map((hand) => byUse((use) => joinRows(hand[use])));
}

/**
 * Keeps exactly the images that a partitioner chose: what a client trains on is what it has outside the holdouts, its
 * test and validation images are those inside. Where the dataset brings its own test set, which no partitioner sees,
 * clients get its images of each label in proportion to their own.
 */
export function keepExamples(
  dataset: Dataset,
  holdout: Holdout,
  examples: readonly Uint32Array[],
  random: Random,
): ClientExamples[] {
  const inValidation = membership(dataset, holdout.validation);
  const inTest = membership(dataset, holdout.test);
  const clients = examples.map((unordered) => {
    const rows = unordered.slice().sort();
    return {
      train: rows.filter((row) => inValidation[row] === 0 && inTest[row] === 0),
      validation: rows.filter((row) => inValidation[row] === 1),
      test: rows.filter((row) => inTest[row] === 1),
    };
  });
  if (dataset.testFrom === undefined) return clients;

  const quotas = examples.map((rows) => countLabels(labelsOf(dataset.labels, rows), dataset.classes));
  const filled = fillQuotas(dataset, holdout, quotas, random);
  return clients.map((client, k) => ({ ...client, test: filled[k]?.test ?? client.test }));
}

/** Images of one label. */
interface LabelDivision {
  readonly pool: Readonly<Record<Use, Uint32Array>>;
  /** Quota of each client, `[clients]`. */
  readonly wanted: readonly number[];
}

/**
 * How many images of each label each client gets, by use; a last entry counts those that nobody gets. `evenly`: ties go to
 * those with the least held out so far.
 */
function divideLabels(
  labels: readonly LabelDivision[],
  ownTestSet: boolean,
  evenly: boolean,
): readonly Record<Use, readonly number[]>[] {
  let held: readonly number[] = [];
  return labels.map(({ pool, wanted }) => {
    const available = pool.train.length + pool.validation.length + (ownTestSet ? 0 : pool.test.length);
    // The last entry takes part: holdouts are divided over all images, and nobody gets more than its quota.
    const quotas = [...wanted, available - wanted.reduce((sum, count) => sum + count, 0)];
    const test = apportion(pool.test.length, quotas, held);
    const afterTest = ownTestSet ? quotas : subtract(quotas, test);
    const validation = apportion(pool.validation.length, afterTest, held);
    const train = subtract(afterTest, validation);
    if (evenly) held = train.map((_, k) => (held[k] ?? 0) + (test[k] ?? 0) + (validation[k] ?? 0));
    return { train, validation, test };
  });
}

/** Whether a client with images has none to train on. */
function leavesOneOut(
  labels: readonly Record<Use, readonly number[]>[],
  quotas: readonly (readonly number[])[],
): boolean {
  return quotas.some(
    (quota, client) => quota.some((count) => count > 0) && labels.every(({ train }) => train[client] === 0),
  );
}

function subtract(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, entry) => value - (b[entry] ?? 0));
}

function byUse<T>(make: (use: Use) => T): Record<Use, T> {
  return { train: make('train'), validation: make('validation'), test: make('test') };
}

/** 1 for each of the rows, 0 for all others, `[examples]`. */
function membership({ examples }: Dataset, rows: Uint32Array): Uint8Array {
  const members = new Uint8Array(examples);
  for (const row of rows) members[row] = 1;
  return members;
}
