import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration, formatEstimate, formatMetric, formatShare } from './figures.js';

describe('formatDuration', () => {
  it.each([
    [0, '0.0 ms'],
    [0.0123, '12.3 ms'],
    [0.99994, '999.9 ms'],
    [0.99996, '1.00 s'],
    [4.561, '4.56 s'],
    [59.99, '59.99 s'],
    [59.996, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3599.6, '1 h 00 min'],
    [11_220, '3 h 07 min'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('never writes sixty of a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
        expect(formatDuration(seconds)).not.toMatch(/(?<![\d.])60(\.0+)? (s|min)|1000\.0 ms/);
      }),
    );
  });
});

describe('formatEstimate', () => {
  it.each([
    [0.2, '1 s'],
    [59.2, '1 min 00 s'],
    [61, '1 min 01 s'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatEstimate(seconds)).toBe(text);
  });
});

describe('formatMetric, formatShare and formatCount', () => {
  it('write values as tables show them', () => {
    expect(formatMetric(0.85504)).toBe('0.8550');
    expect(formatMetric(Number.NaN)).toBe('NaN');
    expect(formatMetric(undefined)).toBe('–');
    expect(formatShare(0.5559)).toBe('55.6 %');
    expect(formatCount(199_210)).toBe('199,210');
  });
});
