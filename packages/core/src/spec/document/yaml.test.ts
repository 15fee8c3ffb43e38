import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { find, toPlain } from './located-tree.js';
import { fileSource, positionOf, type Span } from './source.js';
import { parseYaml } from './yaml.js';

function parse(text: string) {
  return parseYaml({ source: fileSource('a.yaml', text), from: 0, path: [], code: 'FEDX_SPEC_SYNTAX' });
}

function findings(text: string): readonly string[] {
  return parse(text).findings.map(({ at, message }) => {
    const { line, column } = positionOf(at.source, at.from);
    return `${line}:${column} ${message}`;
  });
}

function written({ source, from, to }: Span): string {
  return source.text.slice(from, to);
}

describe('reading YAML into a located tree', () => {
  it('keeps where each key and value is written', () => {
    const { tree } = parse('server:\n  rounds: 100   # many\nhidden: [10,  20]\n');
    const rounds = find(tree, ['server', 'rounds']);
    expect(rounds?.key && written(rounds.key)).toBe('rounds');
    expect(rounds && written(rounds.tree.span)).toBe('100');
    expect(positionOf(fileSource('a.yaml', 'server:\n  rounds: 100'), rounds?.tree.span.from ?? 0)).toEqual({
      line: 2,
      column: 11,
    });
    expect(written(find(tree, ['hidden', '1'])?.tree.span ?? tree.span)).toBe('20');
    expect(find(tree, ['hidden', '2'])).toBeUndefined();
  });

  it('counts lines and columns alike with a byte order mark and CRLF', () => {
    const { tree } = parse('\uFEFFa: 1\r\nb: x\r\n');
    const at = find(tree, ['b'])?.tree.span;
    expect(at && positionOf(at.source, at.from)).toEqual({ line: 2, column: 4 });
    expect(toPlain(tree)).toEqual({ a: 1, b: 'x' });
  });

  it('gives the plain data that was written, for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = stringify(value, { schema: 'core', merge: true, aliasDuplicateObjects: false });
        // An integer past 2^53 is a finding, and -0 is 0: both are tested by themselves.
        fc.pre(findings(text).length === 0);
        expect(JSON.stringify(toPlain(parse(text).tree))).toBe(JSON.stringify(value));
      }),
      { numRuns: 200 },
    );
  });

  it('follows aliases and merge keys, where keys of the mapping itself win', () => {
    const { tree } = parse(
      'base: &b { a: 1, b: 2 }\nmore: &m { b: 3, c: 4 }\nx: { <<: [*b, *m], a: 0 }\ny: *b\n"<<": plain',
    );
    expect(toPlain(tree)).toEqual({
      base: { a: 1, b: 2 },
      more: { b: 3, c: 4 },
      x: { a: 0, b: 2, c: 4 },
      y: { a: 1, b: 2 },
      '<<': 'plain',
    });
    expect(written(find(tree, ['y'])?.tree.span ?? tree.span)).toBe('*b');
  });

  it('reads YAML 1.2: yes is text and 0o17 an octal, whatever version the file claims', () => {
    expect(toPlain(parse('%YAML 1.1\n---\na: yes\nb: 0o17\nc: 1e3\nd: -0\n').tree)).toEqual({
      a: 'yes',
      b: 15,
      c: 1000,
      d: 0,
    });
  });

  it('reports a key that is given twice at the second, and says where the first is', () => {
    expect(findings('a:\n  b: 1\n  b: 2\n')).toEqual(['3:3 a.b is given twice; the first is in line 2.']);
    expect(toPlain(parse('a: 1\na: 2').tree)).toEqual({ a: 1 });
  });

  it('reports integers that would be rounded and numbers that are not finite', () => {
    expect(findings('a: 9007199254740991\nb: 9007199254740993\nc: -1e999\nd: .nan')).toEqual([
      '2:4 b is 9007199254740993, an integer past 2^53 - 1 that would be rounded.',
      '3:4 c must be a finite number, got -1e999.',
      '4:4 d must be a finite number, got .nan.',
    ]);
  });

  it('reports unknown tags, aliases without an anchor, keys that are no words and merges of no mapping', () => {
    expect(findings('a: !env HOME')).toEqual(['1:4 Unresolved tag: !env.']);
    expect(findings('a: !!binary aGk=')).toEqual(['1:4 Unresolved tag: tag:yaml.org,2002:binary.']);
    expect(findings('a: *b')).toEqual(['1:4 There is no anchor &b before this alias.']);
    expect(findings('a: &a [*a]')).toEqual(['1:8 There is no anchor &a before this alias.']);
    expect(findings('[a]: 1')).toEqual(['1:1 A key must be a plain word, not a list, a mapping or an alias.']);
    expect(findings('<<: 3')).toEqual(['1:5 A merge key << takes a mapping or a list of mappings.']);
  });

  it('keeps __proto__, constructor and prototype as plain keys that pollute nothing', () => {
    const plain = toPlain(parse('__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }').tree);
    expect(Object.keys(plain ?? {})).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('refuses text past the limits before it is composed', () => {
    const tooDeep = 'nest deeper than 64 levels';
    expect(() => parse('['.repeat(10_000))).toThrow(tooDeep);
    expect(() => parse('['.repeat(100_000))).toThrow(tooDeep);
    expect(() => parse('{a: '.repeat(10_000))).toThrow(tooDeep);
    expect(() => parse('- '.repeat(10_000))).toThrow(tooDeep);
    expect(() => parse('? '.repeat(10_000))).toThrow(tooDeep);
    expect(() => parse('[ "]", '.repeat(10_000))).toThrow(tooDeep);
    expect(() => parse(Array.from({ length: 100 }, (_, n) => `${' '.repeat(n)}a:\n`).join(''))).toThrow(tooDeep);
    expect(() => parse('#'.repeat(256 * 1024 + 1))).toThrow('a.yaml is larger than 256 KiB');
  });

  it('allows 64 levels, and any number of brackets in text and comments', () => {
    expect(parse('['.repeat(64) + ']'.repeat(64)).findings).toEqual([]);
    expect(parse(`a: "${'['.repeat(1000)}" # ${'{'.repeat(1000)}\nb: don't [[[`).findings).toEqual([]);
  });

  it('refuses aliases that stand for very many values or very many levels', () => {
    const laughs = Array.from(
      { length: 9 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`,
    );
    expect(() => parse(`l0: &l0 [x]\n${laughs.join('\n')}`)).toThrow('more than 20000 values');
    const tower = Array.from({ length: 80 }, (_, n) => `t${n + 1}: &t${n + 1} [*t${n}]`);
    expect(() => parse(`t0: &t0 [x]\n${tower.join('\n')}`)).toThrow('nest deeper than 64 levels');
  });
});
