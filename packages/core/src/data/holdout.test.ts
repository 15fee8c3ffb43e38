import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toy } from '../../testing/toy-federation.js';
import type { Dataset } from '../contracts/index.js';
import type { FedxError } from '../errors/index.js';
import { createRandom } from '../random/index.js';
import { splitHoldout } from './holdout.js';
import { countLabels, labelsOf } from './labels.js';

const data = createRandom(1).at('data');

describe('splitHoldout', () => {
  it('takes each label in proportion to its examples', () => {
    // 60 + 30 + 10 examples; a fifth is 20 images: 12 + 6 + 2. Of the 80 left, 10 for validation: 6 + 3 + 1.
    const dataset = toy([60, 30, 10]);
    const { test, validation, train } = splitHoldout(dataset, { test: 0.2, validation: 0.1 }, data);
    expect(countsOf(dataset, test)).toEqual([12, 6, 2]);
    expect(countsOf(dataset, validation)).toEqual([6, 3, 1]);
    expect(countsOf(dataset, train)).toEqual([42, 21, 7]);
  });

  it('asks for the test set of a dataset that was said to bring one', () => {
    expect(() => splitHoldout(toy([40, 30]), { validation: 0 }, data)).toThrow(
      expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED', message: expect.stringContaining('no testFrom') }) as Error,
    );
  });

  it('keeps the test set whatever the validation share, and chooses a smaller one from it', () => {
    const dataset = toy([50, 50]);
    const { test } = splitHoldout(dataset, { test: 0.3, validation: 0 }, data);
    expect(splitHoldout(dataset, { test: 0.3, validation: 0.4 }, data).test).toEqual(test);
    const smaller = splitHoldout(dataset, { test: 0.1, validation: 0 }, data).test;
    expect([...smaller].every((row) => test.includes(row))).toBe(true);
    expect(splitHoldout(dataset, { test: 0.3, validation: 0 }, createRandom(2)).test).not.toEqual(test);
  });

  it("keeps a dataset's own test set, and takes validation images from the rows before it", () => {
    const dataset: Dataset = { ...toy([10, 10]), testFrom: 15 };
    const { test, validation, train } = splitHoldout(dataset, { validation: 0.2 }, data);
    expect([...test]).toEqual([15, 16, 17, 18, 19]);
    expect(countsOf(dataset, validation)).toEqual([2, 1]);
    expect(Math.max(...validation, ...train)).toBe(14);
  });

  it('puts every row in exactly one set, ascending, whatever the shares', () => {
    const counts = fc.array(fc.nat(60), { minLength: 1, maxLength: 6 });
    const share = fc.double({ min: 0.05, max: 0.45, noNaN: true });
    fc.assert(
      fc.property(counts, share, share, fc.integer(), (images, test, validation, seed) => {
        const dataset = toy(images);
        fc.pre(dataset.examples >= 20);
        const sets = splitHoldout(dataset, { test, validation }, createRandom(seed));
        expect(sets.test.length).toBe(Math.round(test * dataset.examples));
        expect(sets.validation.length).toBe(Math.round(validation * dataset.examples));
        for (const rows of Object.values(sets)) expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
        const all = [...sets.train, ...sets.validation, ...sets.test].sort((a, b) => a - b);
        expect(all).toEqual([...Array(dataset.examples).keys()]);
      }),
    );
  });

  it.each([
    [
      'a test share that comes to no image',
      { test: 0.01, validation: 0 },
      'FEDX_PARTITION_IMPOSSIBLE',
      'holdout.test = 0.01 of 20',
    ],
    [
      'a validation share that comes to no image',
      { test: 0.2, validation: 0.01 },
      'FEDX_PARTITION_IMPOSSIBLE',
      'holdout.validation = 0.01',
    ],
    [
      'shares that leave nothing to train on',
      { test: 0.5, validation: 0.5 },
      'FEDX_PARTITION_IMPOSSIBLE',
      'leaves none to train on',
    ],
  ] as const)('refuses %s', (_, shares, code, message) => {
    expect(() => splitHoldout(toy([10, 10]), shares, data)).toThrow(
      expect.objectContaining<Partial<FedxError>>({ code, message: expect.stringContaining(message) }),
    );
  });

  it('refuses a test share where the dataset brings its own test set', () => {
    expect(() => splitHoldout({ ...toy([10, 10]), testFrom: 15 }, { test: 0.2, validation: 0 }, data)).toThrow(
      expect.objectContaining<Partial<FedxError>>({ code: 'FEDX_SPEC_INVALID' }),
    );
  });
});

function countsOf(dataset: Dataset, rows: Uint32Array): number[] {
  return countLabels(labelsOf(dataset.labels, rows), dataset.classes);
}
