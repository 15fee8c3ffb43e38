import { describe, expect, it } from 'vitest';
import { checkSplit } from './check-split.js';

const rows = (...list: number[]) => Uint32Array.from(list);
const sound = {
  test: rows(0, 5),
  validation: rows(3),
  clients: [
    { train: rows(1), validation: rows(3), test: rows(0) },
    { train: rows(2, 4), validation: rows(), test: rows() },
  ],
};

describe('checkSplit', () => {
  it('takes a split whose clients have rows of the global sets, and rows that nobody has', () => {
    expect(checkSplit('toy', sound, 7)).toBe(sound);
  });

  it.each([
    ['no test set', { ...sound, test: rows() }, 'no test set'],
    ['no clients', { ...sound, clients: [] }, 'no clients'],
    ['a row that does not exist', { ...sound, validation: rows(7) }, 'row 7 of a dataset of 7'],
    ['a row in both holdouts', { ...sound, validation: rows(0) }, 'row 0 twice in the holdouts'],
    [
      'a training row from the test set',
      { ...sound, clients: [{ train: rows(5), validation: rows(), test: rows() }] },
      'row 5 in another set for client 0',
    ],
    [
      'a row for two clients',
      { ...sound, clients: [...sound.clients, { train: rows(4), validation: rows(), test: rows() }] },
      'row 4 twice, the second time for client 2',
    ],
  ])('refuses %s, naming the partitioner', (_, split, flaw) => {
    expect(() => checkSplit('toy', split, 7)).toThrow(
      expect.objectContaining({
        code: 'FEDX_PLUGIN_FAILED',
        message: `The partitioner toy returned a split with ${flaw}${flaw.startsWith('row 5') ? ' than for all' : ''}.`,
      }),
    );
  });
});
