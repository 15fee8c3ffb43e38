import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../testing/split.js';
import { byColumn } from './by-column.js';

function members(of: readonly number[], names: readonly string[], minimumExamples = 1): number[][] {
  const request = { ...requestOf([of.length]), groups: { of: Uint32Array.from(of), names } };
  const partition = byColumn.partition({ minimumExamples }, request);
  return 'examples' in partition ? partition.examples.map((rows) => [...rows]) : [];
}

describe('by-column', () => {
  it('makes a client of every group, with its own examples', () => {
    expect(members([1, 0, 1, 2, 0], ['anna', 'ben', 'cleo'])).toEqual([[1, 4], [0, 2], [3]]);
  });

  it('leaves out groups that are too small, and groups without examples', () => {
    expect(members([1, 0, 1, 2, 0], ['anna', 'ben', 'cleo'], 2)).toEqual([
      [1, 4],
      [0, 2],
    ]);
    expect(members([2], ['anna', 'ben', 'cleo'])).toEqual([[0]]);
  });

  it('gives every example to its own group, whatever the groups', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1 }), (of) => {
        const names = Array.from({ length: 10 }, (_, group) => `group ${group}`);
        for (const rows of members(of, names)) expect(new Set(rows.map((row) => of[row])).size).toBe(1);
        expect(
          members(of, names)
            .flat()
            .sort((a, b) => a - b),
        ).toEqual(of.map((_, row) => row));
      }),
    );
  });

  it.each([
    [
      'a dataset without groups',
      () => byColumn.partition({ minimumExamples: 1 }, requestOf([4])),
      'does not say whose',
    ],
    ['a minimum that no group has', () => members([0, 1], ['anna', 'ben'], 2), 'None of 2 groups has 2 examples'],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE', message: expect.stringContaining(message) }),
    );
  });
});
