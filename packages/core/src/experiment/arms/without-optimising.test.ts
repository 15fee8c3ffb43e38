import { setFlagsFromString } from 'node:v8';
import { beforeEach, expect, it, vi } from 'vitest';
import { withoutOptimising } from './without-optimising.js';

vi.mock('node:v8', () => ({ setFlagsFromString: vi.fn() }));

const flags = (): unknown[] => vi.mocked(setFlagsFromString).mock.calls.flat();

beforeEach(() => {
  vi.mocked(setFlagsFromString).mockClear();
});

it('has V8 optimise again when the last of several works has ended', async () => {
  const ends: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => ends.push(resolve));
  const works = [withoutOptimising(work), withoutOptimising(work)];
  expect(flags()).toEqual(['--no-opt']);
  for (const [i, end] of ends.entries()) {
    expect(flags()).toEqual(['--no-opt']);
    end();
    await works[i];
  }
  expect(flags()).toEqual(['--no-opt', '--opt']);
});

it('has V8 optimise again after a failure', async () => {
  await expect(withoutOptimising(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(flags()).toEqual(['--no-opt', '--opt']);
});
