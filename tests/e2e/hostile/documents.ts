import { block, type HostileSpec, large, plus, text } from './good-spec.js';

export const unknownKeys: readonly HostileSpec[] = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '<script>',
    '\\u202Eseed',
    '\\u0000',
    '\\x1b[2J',
    'ѕeed',
    'seed\\u200b',
    'ｓｅｅｄ',
    'SEED',
    '',
  ].map((key) => ({ what: `a key ${key}`, text: plus(`"${key}": { polluted: 1 }`) })),
  { what: 'a very long key', text: plus(`"${'k'.repeat(large)}": 1`) },
  { what: 'very many unknown keys', text: `{${Array.from({ length: 19_000 }, (_, n) => `k${n}: 1`).join(',')}}` },
  { what: 'very many unknown keys on lines', text: Array.from({ length: 19_000 }, (_, n) => `k${n}: 1`).join('\n') },
  {
    what: 'very many keys given twice',
    text: `${Array.from({ length: 12_000 }, (_, n) => `k${n}:`).join('\n')}\n${'z:\n'.repeat(50_000)}`,
  },
  {
    what: 'very many wrong controls',
    text: plus(`"controls": [${'{batchSize: {}},'.repeat(6_000)}]`).replace('"controls":[', '"x":['),
  },
  {
    what: 'very many controls of a wrong batch size',
    text: text.replace(
      /"controls": \[[\s\S]*?\n \]/,
      () => `"controls": [${'{use: iid, client: {batchSize: x}},'.repeat(4_500)}]`,
    ),
  },
  {
    what: 'very many controls of one name',
    text: text.replace(/"controls": \[[\s\S]*?\n \]/, () => `"controls": [${'iid,'.repeat(19_000)}]`),
  },
  {
    what: 'very many wrong expectations',
    text: text.replace(/"expect": \[[\s\S]*?\n \]/, () => `"expect": [${'{a: 1},'.repeat(9_000)}]`),
  },
  {
    what: 'very many seeds that are none',
    text: plus(`"evaluate": {${Array.from({ length: 19_000 }, (_, n) => `e${n}: 1`).join(',')}}`).replace(
      /"evaluate": \{\n[\s\S]*?\},/,
      '',
    ),
  },
];

export const laughs = (width: number, levels: number): string =>
  [`a0: &a0 [${Array(width).fill('lol').join(',')}]`]
    .concat(
      Array.from({ length: levels }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(width).fill(`*a${n}`).join(',')}]`),
    )
    .join('\n');

export const malformed: readonly HostileSpec[] = [
  { what: 'nothing at all', text: '' },
  { what: 'nothing but a comment', text: '# nothing' },
  { what: 'a quarter of a megabyte of comment', text: `#${'x'.repeat(large)}` },
  { what: 'a quarter of a megabyte of spaces', text: ' '.repeat(large) },
  { what: 'a quarter of a megabyte of newlines', text: '\n'.repeat(large) },
  { what: 'a quarter of a megabyte of tabs', text: '\t'.repeat(large) },
  { what: 'a megabyte', text: '#'.repeat(1_000_000) },
  ...[
    '[',
    '{',
    '{a: ',
    '- ',
    '? ',
    '[[], ',
    '!!a ',
    '&a ',
    '*a ',
    '"',
    "'",
    '|',
    '>',
    '@',
    '`',
    '%',
    ':',
    ': ',
    '---\n',
    '...\n',
    'a: ',
    'a:\n ',
    '- - ',
    '<<: ',
    '}',
    ']',
    ',',
    '\\',
    '&a [',
    '!<tag:x> ',
    '%TAG ! x\n',
    '%YAML 9.9\n',
    '\r',
    '\u2028',
    '\ufeff',
    '\ud800',
  ].flatMap((piece) => [
    { what: `ten kilobytes of ${JSON.stringify(piece)}`, text: piece.repeat(Math.ceil(10_240 / piece.length)) },
    {
      what: `a quarter of a megabyte of ${JSON.stringify(piece)}`,
      text: piece.repeat(Math.floor(large / Buffer.byteLength(piece))),
    },
    {
      what: `ten kilobytes of ${JSON.stringify(piece)} as a value`,
      text: block(`model: ${piece.repeat(Math.ceil(10_240 / piece.length))}`),
    },
  ]),
  { what: 'a staircase of indents', text: Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n') },
  { what: 'billion laughs', text: laughs(10, 9) },
  { what: 'wide laughs', text: laughs(300, 3) },
  {
    what: 'a tower of aliases',
    text: `t0: &t0 [x]\n${Array.from({ length: 200 }, (_, n) => `t${n + 1}: &t${n + 1} [*t${n}]`).join('\n')}`,
  },
  {
    what: 'laughs by merge keys',
    text: `a0: &a0 { k: 1 }\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} { k${n}: [*a${n}, *a${n}, *a${n}], <<: *a${n} }`).join('\n')}`,
  },
  {
    what: 'a large mapping merged very often',
    text: `a: &a {${Array.from({ length: 8000 }, (_, n) => `k${n}: 1`).join(',')}}\nb: { <<: [${Array(60_000).fill('*a').join(',')}] }`,
  },
  { what: 'very many aliases', text: `a: &a x\nb: [${Array(80_000).fill('*a').join(',')}]` },
  {
    what: 'very many anchors',
    text: Array.from({ length: 19_000 }, (_, n) => `&a${n} x`)
      .map((value) => `- ${value}`)
      .join('\n'),
  },
  { what: 'an alias to itself', text: block('model: &a { use: *a }') },
  { what: 'an alias without an anchor', text: block('model: *nothing') },
  { what: 'an alias as a key', text: block('a: &a x\n*a : 1') },
  { what: 'a list as a key', text: block('[a, b]: 1') },
  { what: 'a mapping as a key', text: block('{ a: b }: 1') },
  { what: 'a merge of a list', text: block('<<: [1, 2]') },
  { what: 'a merge of itself', text: block('a: &a { <<: *a }') },
  ...[
    '!!js/function "function () { process.exit(0) }"',
    '!!js/regexp /a/',
    '!env HOME',
    '!include /etc/passwd',
    '!!binary aGk=',
    '!!timestamp 2001-01-01',
    '!!set { a, b }',
    '!!omap [a: 1]',
    '!!python/object:os.system x',
    '!<tag:yaml.org,2002:str> x',
  ].map((value) => ({ what: `a tag ${value}`, text: text.replace('"seed": 2023', () => `"seed": ${value}`) })),
  ...['%TAG ! tag:evil,2026:', '%YAML 1.1', '%FOO bar'].map((directive) => ({
    what: directive,
    text: `${directive}\n---\nseed: 0x\n`,
  })),
  { what: 'two documents', text: `${text}\n---\n${text}` },
  { what: 'a script', text: '#!/usr/bin/env node\nprocess.exit(0);\n' },
  { what: 'JSON with a comma too many', text: '{"apiVersion": "fedx/v1",,}' },
  { what: 'HTML', text: '<!doctype html><html><body>No.</body></html>' },
  { what: 'NUL bytes', text: '\0'.repeat(1000) },
  { what: 'escapes that steer a terminal', text: plus('"\\u001b]0;owned\\u0007\\u001b[2J": 1') },
  { what: 'a value that steers a terminal', text: text.replace('"good"', '"\\u001b[31mgood\\u202e"') },
];
