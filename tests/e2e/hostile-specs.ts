/** Specs that nobody should write: each must be refused with a code, quickly, and without a trace of a crash. */

/** A spec to refuse. */
export interface HostileSpec {
  /** What is wrong with it. */
  readonly what: string;
  readonly text: string;
  readonly overrides?: readonly string[];
  /** Other files beside it. */
  readonly files?: Readonly<Record<string, string>>;
}

type Kind = 'integer' | 'share' | 'number' | 'word' | 'text' | 'list' | 'mapping' | 'bounds' | 'plugin';

const control = {
  use: 'centralized',
  name: 'union',
  epochs: 3,
  client: { epochs: 2, batchSize: 64, optimizer: { use: 'sgd', learningRate: 0.1 } },
};

/** A good spec with every key. */
const good = {
  apiVersion: 'fedx/v1',
  name: 'good',
  seed: 2023,
  seeds: { data: 1, partition: 2, init: 3, cohort: 4, batches: 5 },
  plugins: [],
  dataset: { use: 'mnist', split: 'pooled' },
  partition: { use: 'dominant-label', clients: 10, dominantShare: 0.55 },
  holdout: { test: 0.2, validation: 0.1 },
  model: { use: 'mlp', hidden: [8], activation: 'relu' },
  client: {
    epochs: 1,
    batchSize: 32,
    lastBatch: 'keep',
    optimizer: { use: 'sgd', learningRate: 0.05 },
    optimizerState: 'reset',
  },
  strategy: { use: 'fedavg' },
  server: { rounds: 3, cohort: { use: 'all' } },
  controls: [control],
  evaluate: { every: 1 },
  engine: { use: 'auto' },
  executor: { use: 'worker-pool', workers: 2 },
  expect: [{ arm: 'federated', metric: 'test/accuracy', at: 'last', within: [0, 1] }],
};

/** Every place of {@link good} and what belongs there. */
const places: Readonly<Record<string, Kind>> = {
  apiVersion: 'word',
  name: 'text',
  seed: 'integer',
  seeds: 'mapping',
  'seeds.data': 'integer',
  'seeds.partition': 'integer',
  'seeds.init': 'integer',
  'seeds.cohort': 'integer',
  'seeds.batches': 'integer',
  plugins: 'list',
  dataset: 'mapping',
  'dataset.use': 'plugin',
  'dataset.split': 'word',
  partition: 'mapping',
  'partition.use': 'plugin',
  'partition.clients': 'integer',
  'partition.dominantShare': 'share',
  holdout: 'mapping',
  'holdout.test': 'share',
  'holdout.validation': 'share',
  model: 'mapping',
  'model.use': 'plugin',
  'model.hidden': 'list',
  'model.hidden.0': 'integer',
  'model.activation': 'word',
  client: 'mapping',
  'client.epochs': 'integer',
  'client.batchSize': 'integer',
  'client.lastBatch': 'word',
  'client.optimizer': 'mapping',
  'client.optimizer.use': 'plugin',
  'client.optimizer.learningRate': 'number',
  'client.optimizerState': 'word',
  strategy: 'mapping',
  'strategy.use': 'plugin',
  server: 'mapping',
  'server.rounds': 'integer',
  'server.cohort': 'mapping',
  'server.cohort.use': 'plugin',
  controls: 'list',
  'controls.0': 'mapping',
  'controls.0.use': 'word',
  'controls.0.name': 'text',
  'controls.0.epochs': 'integer',
  'controls.0.client': 'mapping',
  'controls.0.client.epochs': 'integer',
  'controls.0.client.batchSize': 'integer',
  'controls.0.client.optimizer': 'mapping',
  'controls.0.client.optimizer.learningRate': 'number',
  evaluate: 'mapping',
  'evaluate.every': 'integer',
  engine: 'mapping',
  'engine.use': 'word',
  executor: 'mapping',
  'executor.use': 'word',
  'executor.workers': 'integer',
  expect: 'list',
  'expect.0': 'mapping',
  'expect.0.arm': 'text',
  'expect.0.metric': 'text',
  'expect.0.at': 'word',
  'expect.0.within': 'bounds',
  'expect.0.within.0': 'number',
};

const odd = { mapping: '{ odd: 1 }', list: '[odd]', bool: 'true', nothing: 'null', text: 'odd', nest: '[[[]]]' };

/** What belongs in no place of a kind, as YAML. */
const wrong: Readonly<Record<Kind, readonly string[]>> = {
  integer: [
    odd.mapping,
    odd.list,
    odd.bool,
    odd.nothing,
    odd.text,
    '-1',
    '1.5',
    '1e300',
    '"7"',
    '.nan',
    '99999999999999999999',
  ],
  share: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '-0.1', '1.1', '.inf', '"0.5"'],
  number: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '-.inf', '"1"', '1e999'],
  word: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '1', '"\\u0000"', `"${'x'.repeat(1000)}"`],
  text: [odd.mapping, odd.list, odd.bool, odd.nothing, '1', '""'],
  list: [odd.mapping, odd.bool, odd.nothing, odd.text, '1', '[null]', '[{}]', odd.nest],
  mapping: [odd.mapping, odd.list, odd.bool, odd.text, '1', '{ __proto__: { use: iid } }', '{ constructor: 1 }'],
  bounds: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '[1]', '[1, 0]', '[0, 1, 2]', '[.nan, 1]'],
  plugin: [
    odd.mapping,
    odd.list,
    odd.bool,
    odd.nothing,
    odd.text,
    '1',
    '""',
    '__proto__',
    '../mlp',
    'constructor',
    'toString',
  ],
};

/** {@link good} as YAML with another value at `place`. */
function withValue(place: string, value: string): string {
  const marker = '@here@';
  const steps = place.split('.');
  const replace = (node: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (step === undefined) return marker;
    if (Array.isArray(node)) return node.map((item, index) => (String(index) === step ? replace(item, rest) : item));
    return { ...(node as object), [step]: replace(Reflect.get(node as object, step), rest) };
  };
  return JSON.stringify(replace(good, steps), null, 1).replace(`"${marker}"`, () => value);
}

/** How large an integer option may be is its plugin's affair; these have no bound. */
const ownedByPlugin: ReadonlySet<string> = new Set(['partition.clients', 'model.hidden.0']);

const swapped: readonly HostileSpec[] = Object.entries(places).flatMap(([place, kind]) =>
  wrong[kind]
    .filter((value) => value !== '1e300' || !ownedByPlugin.has(place))
    .map((value) => ({ what: `${place} is ${value.slice(0, 30)}`, text: withValue(place, value) })),
);

const text = JSON.stringify(good, null, 1);
/** {@link good} with more top-level YAML. */
const plus = (more: string) => `${text.slice(0, -2)},\n${more}\n}`;
const block = (more: string) => `apiVersion: fedx/v1\n${more}\n`;
/** As much as a spec may hold, nearly. */
const large = 260_000;

const unknownKeys: readonly HostileSpec[] = [
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

const laughs = (width: number, levels: number) =>
  [`a0: &a0 [${Array(width).fill('lol').join(',')}]`]
    .concat(
      Array.from({ length: levels }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(width).fill(`*a${n}`).join(',')}]`),
    )
    .join('\n');

const malformed: readonly HostileSpec[] = [
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

const paths: readonly HostileSpec[] = [
  ...[
    '..',
    '.',
    '../up',
    'a/b',
    '/etc/passwd',
    'a\\b',
    'C:\\x',
    '~',
    '~/x',
    '.hidden',
    'a b',
    'a\tb',
    'a\nb',
    'a\0b',
    '',
    'x'.repeat(101),
    'x'.repeat(large),
    'nаme',
    'e\u0301',
    '%2e%2e',
    '$HOME',
    '${HOME}',
    '${env:NOTHING_SET}',
    '$(id)',
    '`id`',
    'a;b',
    '\u202egnp',
    '😀',
  ].flatMap((name) => [
    { what: `the name ${JSON.stringify(name).slice(0, 40)}`, text: text.replace('"good"', () => JSON.stringify(name)) },
    {
      what: `the control ${JSON.stringify(name).slice(0, 40)}`,
      text: text.replace('"union"', () => JSON.stringify(name)),
    },
  ]),
  ...[
    '../../../../../../../../../etc/passwd',
    '/etc/passwd',
    '/dev/zero',
    '/dev/stdin',
    '/proc/self/environ',
    '/',
    '.',
    '..',
    './',
    '../',
    './nothing.ts',
    './hostile.txt',
    'node:fs',
    'fs',
    'node:child_process',
    'data:text/javascript,process.exit(0)',
    'file:///etc/passwd',
    'http://127.0.0.1/x.js',
    'https://example.invalid/x.js',
    'npm:evil',
    'git+ssh://x',
    'evil@1.0.0',
    'a b',
    '',
    '-',
    '--eval=process.exit(0)',
    '__proto__',
    'constructor',
    '@',
    '@a',
    '@/a',
    '../x\0.ts',
    '\\\\server\\x',
    'x'.repeat(large),
    '~/x.ts',
    '${env:NOTHING_SET}/x.ts',
    '*.ts',
    './*.ts',
    '..%2fx.ts',
  ].map((plugin) => ({
    what: `the plugin ${JSON.stringify(plugin).slice(0, 40)}`,
    text: text.replace('"plugins": []', () => `"plugins": [${JSON.stringify(plugin)}]`),
  })),
  {
    what: 'very many plugins',
    text: text.replace(
      '"plugins": []',
      () => `"plugins": [${Array.from({ length: 19_000 }, (_, n) => `x${n}`).join(',')}]`,
    ),
  },
];

const bases: readonly HostileSpec[] = [
  ...[
    './hostile-loop.yaml',
    './nothing.yaml',
    '.',
    '..',
    '/',
    '/dev/zero',
    '/dev/null',
    '/dev/stdin',
    '/proc/self/mem',
    '/proc/self/environ',
    '',
    '\0',
    'x'.repeat(large),
    'http://example.invalid/x.yaml',
    '~/x.yaml',
    '${env:NOTHING_SET}',
    '${env:',
    './hostile.txt',
  ].map((base) => ({
    what: `extends ${JSON.stringify(base).slice(0, 40)}`,
    text: plus(`"extends": ${JSON.stringify(base)}`),
    files: {
      'hostile-loop.yaml': 'extends: ./hostile-loop-2.yaml',
      'hostile-loop-2.yaml': 'extends: [./hostile-loop.yaml]',
      'hostile.txt': 'no spec',
    },
  })),
  ...['1', 'null', 'true', '{ a: 1 }', '[[]]', '[null]', '[{}]'].map((base) => ({
    what: `extends ${base}`,
    text: plus(`"extends": ${base}`),
  })),
  {
    what: 'a chain of bases',
    text: plus('"extends": ./hostile-chain-0.yaml'),
    files: Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`hostile-chain-${n}.yaml`, `extends: ./hostile-chain-${n + 1}.yaml`]),
    ),
  },
  {
    what: 'a tree of bases that doubles at every level',
    text: plus('"extends": [./hostile-double-0.yaml, ./hostile-double-0.yaml]'),
    files: Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        `hostile-double-${n}.yaml`,
        `extends: [./hostile-double-${n + 1}.yaml, ./hostile-double-${n + 1}.yaml]`,
      ]),
    ),
  },
  {
    what: 'very many bases',
    text: plus(`"extends": [${Array.from({ length: 19_000 }, (_, n) => `x${n}`).join(',')}]`),
  },
  { what: 'a directory that is a list', text: plus('"directory": []') },
  {
    what: 'laughs in a base',
    text: plus('"extends": ./hostile-laughs.yaml'),
    files: { 'hostile-laughs.yaml': laughs(10, 9) },
  },
];

const variables: readonly HostileSpec[] = [
  ...[
    '${env:}',
    '${env:A',
    '${env:A B}',
    '${env:1}',
    '${env:NOTHING_SET}',
    '${env:${env:HOME}}',
    '${env:__proto__}',
    '${env:constructor}',
    '${env:A-B}',
    '${env:=}',
    `\${env:${'A'.repeat(100_000)}}`,
  ].flatMap((value) => [
    { what: `the split ${value.slice(0, 30)}`, text: text.replace('"pooled"', () => JSON.stringify(value)) },
    { what: `the name ${value.slice(0, 30)}`, text: text.replace('"good"', () => JSON.stringify(value)) },
  ]),
  { what: 'very many variables', text: text.replace('"pooled"', () => JSON.stringify('${env:PATH}'.repeat(23_000))) },
  {
    what: 'very many variables that are not set',
    text: text.replace('"pooled"', () => JSON.stringify('${env:NOTHING_SET}'.repeat(14_000))),
  },
];

const argumentsOf = (what: string, ...overrides: readonly string[]): HostileSpec => ({
  what: `the argument ${what}`,
  text,
  overrides,
});

const overrides: readonly HostileSpec[] = [
  ...[
    '=',
    '=1',
    'x',
    'x=1',
    '.=1',
    'a..b=1',
    '"=1',
    '"a=1',
    '+=1',
    '++seed=1',
    '+seed=1',
    'seed=',
    'seed=[',
    'seed=*a',
    'seed=!t x',
    'seed=---',
    'seed={a: 1, a: 1}',
    '__proto__.polluted=1',
    'constructor.prototype.polluted=1',
    '"__proto__"."polluted"=1',
    'controls.-1=iid',
    'controls.1=iid',
    'controls.99999999999=iid',
    'controls.length=0',
    'controls.__proto__=iid',
    'seed.x=1',
    'name=../x',
    'name=a/b',
    'controls.0.name=../../x',
    'plugins=[/etc/passwd]',
    'plugins.0=x',
    '+plugins.0=node:fs',
    'extends=./x.yaml',
    'directory=/',
    'strategy.use=../x',
    'strategy=null',
    'client=null',
    'model.hidden=[[[[]]]]',
    'seed=${env:NOTHING_SET}',
    'strategy.use=${env:NOTHING_SET}',
    '\u202eseed=1',
    'ѕeed=1',
  ].map((argument) => argumentsOf(JSON.stringify(argument), argument)),
  argumentsOf('of nested brackets', `seed=${'['.repeat(60_000)}`),
  argumentsOf('of very many steps', `${'a.'.repeat(50_000)}a=1`),
  argumentsOf('of a long key', `${'a'.repeat(100_000)}=1`),
  argumentsOf('of a long value', `name=${'a'.repeat(100_000)}`),
  argumentsOf('a hundred times over', ...Array.from({ length: 100 }, (_, n) => `k${n}=1`)),
];

/** All of them, by group. */
export const hostileSpecs: Readonly<Record<string, readonly HostileSpec[]>> = {
  'values of the wrong type': swapped,
  'keys that are unknown or too many': unknownKeys,
  'documents that are malformed or explode': malformed,
  'names and plugins that lead elsewhere': paths,
  'bases that are not to be had': bases,
  'environment variables': variables,
  arguments: overrides,
};
