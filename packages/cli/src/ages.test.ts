import { describe, expect, it } from 'vitest';
import { parseAge, parseMoment } from './ages.js';

describe('parseAge', () => {
  it.each([
    ['30m', 30 * 60_000],
    ['12h', 12 * 3_600_000],
    ['7d', 7 * 24 * 3_600_000],
    ['2w', 14 * 24 * 3_600_000],
    ['0d', 0],
  ])('reads %s', (text, milliseconds) => {
    expect(parseAge(text)).toBe(milliseconds);
  });

  it.each(['', '7', 'd', '-1d', '1.5h', '7 d', '1y', '9999999d'])('does not read %j', (text) => {
    expect(parseAge(text)).toBeUndefined();
  });
});

describe('parseMoment', () => {
  const now = Date.UTC(2026, 10, 23, 12);

  it('reads ages and dates', () => {
    expect(parseMoment('--since', '2d', now)).toBe(Date.UTC(2026, 10, 21, 12));
    expect(parseMoment('--since', '2026-11-20', now)).toBe(Date.UTC(2026, 10, 20));
    expect(parseMoment('--since', '2026-11-20T06:00Z', now)).toBe(Date.UTC(2026, 10, 20, 6));
  });

  it.each(['yesterday', '2026-13-40', '20'])('refuses %j, naming the flag', (text) => {
    expect(() => parseMoment('--since', text, now)).toThrow(/^--since takes/);
  });
});
