import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRelativeFile, movePaths, rebase } from './paths.js';

describe('a path that moves to another folder', () => {
  it('leads to the same place', () => {
    expect(rebase('./x.ts', '/a/shared', '/a/experiments')).toBe('../shared/x.ts');
    expect(rebase('../x.ts', '/a/b/c', '/a/b')).toBe('./x.ts');
    expect(rebase('data', '/a/b', '/a')).toBe('./b/data');
    expect(rebase('..', '/a/b', '/a/c/d')).toBe('../..');
    const step = fc.constantFrom('a', 'b', 'c', '..');
    fc.assert(
      fc.property(fc.array(step), fc.array(step), fc.array(step, { minLength: 1 }), (from, to, steps) => {
        const [source, target, path] = [resolve('/p/q/r', ...from), resolve('/p/q/r', ...to), join(...steps)];
        const moved = rebase(path, source, target);
        expect(resolve(target, moved)).toBe(resolve(source, path));
        if (source !== target) expect(isRelativeFile(`${moved}/`)).toBe(true);
      }),
    );
  });

  it('stays as it is where it is absolute, or where the folder is the same', () => {
    expect(rebase('/data', '/a', '/b')).toBe('/data');
    expect(rebase('a/../x.ts', '/a', '/a')).toBe('a/../x.ts');
  });

  it('is an option of a plugin where its schema says so, at any depth', () => {
    const path = { type: 'string', format: 'path' };
    const schema = {
      type: 'object',
      properties: {
        path,
        name: { type: 'string' },
        more: { type: 'array', items: { type: 'object', properties: { path } } },
      },
    };
    const options = {
      path: 'a',
      name: 'a',
      more: [{ path: 'b', other: 'b' }],
      unknown: { path: 'c' },
      constructor: 'd',
    };
    const seen: string[] = [];
    const moved = movePaths(options, schema, (text, steps) => {
      seen.push(steps.join('.'));
      return `moved/${text}`;
    });
    expect(moved).toEqual({ ...options, path: 'moved/a', more: [{ path: 'moved/b', other: 'b' }] });
    expect(seen).toEqual(['path', 'more.0.path']);
  });
});
