import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, exitCodes } from './catalogue.js';

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

/** What docs/errors.md says of each code, by code. */
const documented = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = '', , said = '', , ...advice] = section.split('\n');
      return [code, { said, advice: advice.join('\n').trim() }] as const;
    }),
);

describe('the catalogue of errors', () => {
  it('has the codes that docs/errors.md has, in the same order', () => {
    expect([...documented.keys()]).toEqual(Object.keys(catalogue));
  });

  it.each(Object.entries(catalogue))('gives %s the meaning and exit code that the page gives it', (code, entry) => {
    const section = documented.get(code);
    expect(section?.said).toBe(`${entry.meaning} Exit code ${entry.exitCode}.`);
    expect(section?.advice).not.toBe('');
  });

  it('uses the exit codes that the page explains', () => {
    const explained = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, exitCode]) => Number(exitCode));
    expect(explained).toEqual(Object.values(exitCodes));
  });

  it('writes meanings and hints as sentences', () => {
    for (const { meaning, hint } of Object.values(catalogue)) {
      expect(meaning).toMatch(/^\S.*\.$/);
      expect(hint).toMatch(/^\S.*\.$/);
    }
  });
});
