import { describe, expect, it } from 'vitest';
import { createMemo } from './memo.js';

function counted() {
  const made: string[] = [];
  const make = (key: string) => async () => {
    made.push(key);
    return key;
  };
  return { made, make };
}

describe('createMemo', () => {
  it('makes a thing once, also for those who ask while it is being made', async () => {
    const memo = createMemo<string>(2);
    const { made, make } = counted();
    await Promise.all([memo('a', make('a')), memo('a', make('a'))]);
    await memo('a', make('a'));
    expect(made).toEqual(['a']);
  });

  it('keeps what was asked for last', async () => {
    const memo = createMemo<string>(2);
    const { made, make } = counted();
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await memo(key, make(key));
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  it('tries again what could not be made', async () => {
    const memo = createMemo<string>(2);
    await expect(memo('a', () => Promise.reject(new RangeError('not today')))).rejects.toThrow('not today');
    expect(await memo('a', async () => 'made')).toBe('made');
  });
});
