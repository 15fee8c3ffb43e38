import { describe, expect, it } from 'vitest';
import type { Dataset } from '../contracts/index.js';
import type { FedxError } from '../errors/index.js';
import { checkDataset } from './check-dataset.js';

const sound: Dataset = {
  examples: 3,
  inputShape: [2, 1],
  inputs: new Uint8Array(6),
  scale: 1,
  labels: Uint8Array.of(0, 1, 1),
  classes: 2,
  digest: '',
};

describe('checkDataset', () => {
  it('returns a dataset that fits together', () => {
    expect(checkDataset('toy', sound)).toBe(sound);
    expect(checkDataset('toy', { ...sound, testFrom: 2 }).testFrom).toBe(2);
    expect(checkDataset('toy', { ...sound, inputs: new Float32Array(6) }).examples).toBe(3);
  });

  it.each<[string, Partial<Dataset>, string]>([
    ['no examples', { examples: 0 }, '0 examples'],
    ['inputs of another size', { inputs: new Uint8Array(5) }, '5 input values, but 3 examples of [2, 1] have 6'],
    [
      'an input that is not finite',
      { inputs: Float32Array.of(0, 1, 2, Number.NaN, 4, 5) },
      'an input of NaN for example 1',
    ],
    ['labels of another number', { labels: new Uint8Array(2) }, '2 labels for 3 examples'],
    ['a label out of range', { labels: Uint8Array.of(0, 1, 2) }, 'label 2 for example 2, but has 2 classes'],
    [
      'groups of another number',
      { groups: { of: new Uint32Array(2), names: ['a'] } },
      'groups of 2 examples, of which there are 3',
    ],
    [
      'a group without a name',
      { groups: { of: Uint32Array.of(0, 1, 0), names: ['a'] } },
      'group 1 for example 1, but names 1 groups',
    ],
    ['a test set without training examples', { testFrom: 0 }, 'a test set from row 0 on'],
    ['a test set past the end', { testFrom: 3 }, 'a test set from row 3 on'],
  ])('refuses %s, naming the plugin', (_, change, flaw) => {
    expect(() => checkDataset('toy', { ...sound, ...change })).toThrow(
      expect.objectContaining<Partial<FedxError>>({
        code: 'FEDX_PLUGIN_FAILED',
        message: expect.stringContaining(`The dataset toy returned ${flaw}`),
        place: { plugin: 'toy' },
      }),
    );
  });
});
