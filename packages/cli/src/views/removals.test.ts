import type { Removal } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { formatBytes } from './figures.js';
import { renderRemovals } from './removals.js';

const removal = (kind: Removal['kind'], bytes: number): Removal => ({
  kind,
  path: `some ${kind}`,
  bytes,
  reason: 'old',
});

describe('what is removed', () => {
  it('is named, counted and measured', () => {
    const removals = [removal('run', 2048), removal('run', 1024), removal('lock', 30)];
    expect(renderRemovals(removals, 'removed').split('\n')).toEqual([
      'some run  2.0 KiB  old',
      'some run  1.0 KiB  old',
      'some lock  30 B  old',
      '2 runs, 1 stale lock, 3.0 KiB removed',
    ]);
  });

  it('is cut where it is long', () => {
    const text = renderRemovals(
      Array.from({ length: 1234 }, () => removal('run', 1)),
      'would be removed',
    );
    expect(text.split('\n')).toHaveLength(22);
    expect(text).toContain('… and 1,214 more\n1,234 runs, 1.2 KiB would be removed');
  });

  it('may be nothing', () => {
    expect(renderRemovals([], 'would be removed')).toBe('Nothing would be removed.');
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [54 * 2 ** 20, '54.0 MiB'],
    [3.5 * 2 ** 40, '3.5 TiB'],
    [2 ** 60, '1048576.0 TiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
