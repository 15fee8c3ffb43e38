import { CLIError } from '@oclif/core/errors';

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of an age such as `30m`, `12h`, `7d` or `2w`; undefined for other texts. */
export function parseAge(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (units[unit] ?? Number.NaN);
}

/** Milliseconds since the epoch of an age before `now`, or of a date such as `2026-11-23` or `2026-11-23T09:30`. Throws for other texts. */
export function parseMoment(flag: string, text: string, now: number): number {
  const age = parseAge(text);
  if (age !== undefined) return now - age;
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return date;
  throw new CLIError(`${flag} takes an age such as 12h, 7d or 2w, or a date such as 2026-11-23, got ${text}.`);
}
