import type { Dataset } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import type { Random } from '../random/index.js';
import { apportion } from './apportion.js';
import { groupByLabel } from './labels.js';
import { joinRows, rowRange } from './rows.js';

/** Shares of the examples to set aside. */
export interface HoldoutShares {
  /** In `(0, 1)`; absent where the dataset brings its own test set, and only there. */
  readonly test?: number;
  /** In `[0, 1)`; of all examples, or of those before the dataset's own test set. */
  readonly validation: number;
}

/** A dataset's rows by use, each list ascending; every row is in one of them. */
export interface Holdout {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * Chooses test images, then validation images, before anything is partitioned: a function of the dataset, the shares
 * and `random` only. Stratified: each label gives in proportion to its examples (largest remainder), so that the test
 * set holds exactly round(test * examples) images. A smaller share chooses from the images of a
 * larger one, but for at most one image of each label.
 *
 * Throws FEDX_SPEC_INVALID where the spec asks for a test share though the dataset brings its own test set,
 * FEDX_PLUGIN_FAILED where it does not though its plugin says so, and FEDX_PARTITION_IMPOSSIBLE where a share comes to no
 * image at all, or nothing is left to train on.
 */
export function splitHoldout(dataset: Dataset, shares: HoldoutShares, random: Random): Holdout {
  const { examples, testFrom = examples, labels, classes } = dataset;
  const testShare = shareOfTest(dataset, shares);
  const chosen = {
    test: wholeShare('test', testShare, testFrom),
    validation: wholeShare('validation', shares.validation, testFrom),
  };
  if (chosen.test + chosen.validation >= testFrom) {
    throw new FedxError(
      'FEDX_PARTITION_IMPOSSIBLE',
      `Holding out ${chosen.test} test and ${chosen.validation} validation images of ${testFrom} leaves none to train on.`,
      { hint: 'Lower holdout.test or holdout.validation.' },
    );
  }

  const byLabel = groupByLabel(rowRange(0, testFrom), labels, classes).map((rows, label) =>
    random.at('holdout', label).shuffle(rows),
  );
  const sizes = byLabel.map((rows) => rows.length);
  const test = apportion(chosen.test, sizes);
  const rest = sizes.map((size, label) => size - (test[label] ?? 0));
  const validation = apportion(chosen.validation, rest);
  const cut = (from: readonly number[], to: readonly number[]) =>
    joinRows(byLabel.map((rows, label) => rows.subarray(from[label], to[label])));
  const trainFrom = test.map((count, label) => count + (validation[label] ?? 0));

  return {
    train: cut(trainFrom, sizes),
    validation: cut(test, trainFrom),
    test:
      dataset.testFrom === undefined
        ? cut(
            test.map(() => 0),
            test,
          )
        : rowRange(testFrom, examples),
  };
}

function shareOfTest({ testFrom }: Dataset, { test }: HoldoutShares): number {
  if (test === undefined) {
    if (testFrom !== undefined) return 0;
    throw new FedxError('FEDX_PLUGIN_FAILED', 'The dataset brings no test set of its own: it has no testFrom.', {
      hint: 'A plugin that says holdsOut: true, or whose option split is standard, gives the row at which its test set begins.',
    });
  }
  if (testFrom === undefined) return test;
  throw new FedxError('FEDX_SPEC_INVALID', `holdout.test is ${test}, but the dataset brings its own test set.`, {
    hint: 'Remove holdout.test, or choose another split of the dataset; a plugin that always brings one says holdsOut: true.',
  });
}

function wholeShare(name: 'test' | 'validation', share: number, examples: number): number {
  const count = Math.round(share * examples);
  if (count > 0 || share === 0) return count;
  throw new FedxError(
    'FEDX_PARTITION_IMPOSSIBLE',
    `holdout.${name} = ${share} of ${examples} images comes to no image at all.`,
    {
      hint: `Raise holdout.${name} or use more data.`,
    },
  );
}
