import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeNames } from './node-names.js';

describe('nodeNames', () => {
  it('keeps names that are valid', () => {
    expect([...nodeNames(['conv-1/kernel', 'a.b_c'])]).toEqual([
      ['conv-1/kernel', 'parameter/conv-1/kernel'],
      ['a.b_c', 'parameter/a.b_c'],
    ]);
  });

  it('tells apart what would be the same, wherever the valid one stands', () => {
    expect([...nodeNames(['a b', 'k:0', 'a_b', 'a:b', 'ü/é']).values()]).toEqual([
      'parameter/a_b_1',
      'parameter/k_0',
      'parameter/a_b',
      'parameter/a_b_2',
      'parameter/_/_',
    ]);
  });

  it('gives as many valid names as there are parameters', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 3 })), (parameters) => {
        const names = [...nodeNames(parameters).values()];
        expect(new Set(names).size).toBe(parameters.length);
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9.][A-Za-z0-9_./-]*$/);
      }),
    );
  });
});
