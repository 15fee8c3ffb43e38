import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
}

/** What `npm ci` installs from elsewhere, by its place. */
const foreign: readonly (readonly [string, Locked])[] = Object.entries(
  (
    JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
      packages: Record<string, Locked>;
    }
  ).packages,
).filter(([place, { link }]) => place.startsWith('node_modules/') && link !== true);

/** Licences that ask for no more than to be named with the software. */
const permissive = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
]);

/** Of what contributors use and nobody is handed, its own files stay under its licence. */
const forTools = new Set([...permissive, 'MPL-2.0']);

/** An SPDX expression, which here is names joined by AND or OR. */
function allows(licences: ReadonlySet<string>, expression = ''): boolean {
  const names = expression.replaceAll(/[()]/g, '').split(/ (?:AND|OR) /);
  return names.every((name) => licences.has(name));
}

describe('what npm ci installs', () => {
  it('is what was looked at when it was chosen: every package has its SHA-512', () => {
    expect(foreign.length).toBeGreaterThan(300);
    expect(foreign.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity))).toEqual([]);
  });

  it('comes from a registry: no git address, no tarball, no folder', () => {
    expect(foreign.filter(([, { version = '' }]) => !/^\d+\.\d+\.\d+(-[\w.]+)?(\+[\w.]+)?$/.test(version))).toEqual([]);
    expect(foreign.filter(([, { resolved = 'https:' }]) => !resolved.startsWith('https:'))).toEqual([]);
  });

  it('is under a licence that lets users pass it on, and says so', () => {
    const wrong = foreign.filter(([, { license, dev }]) => !allows(dev === true ? forTools : permissive, license));
    expect(wrong.map(([place, { license }]) => `${place}: ${license}`)).toEqual([]);
  });
});
