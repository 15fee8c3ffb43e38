import type { Random } from '@fedx/core';
import { describe, expect, it } from 'vitest';
import { all } from './all.js';

const random = {} as Random;

describe('all', () => {
  it('takes every client, ascending, whatever its size', () => {
    expect(all.sample({}, { round: 1, examples: [5, 0, 9], random, directory: '.' })).toEqual([0, 1, 2]);
  });

  it('is what accountants of privacy know as sampling with probability 1', () => {
    expect(all.inclusion?.({})).toBe(1);
  });

  it('takes the only client', () => {
    expect(all.sample({}, { round: 7, examples: [1], random, directory: '.' })).toEqual([0]);
  });
});
