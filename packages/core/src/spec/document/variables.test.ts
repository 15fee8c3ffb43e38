import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPlain } from './located-tree.js';
import { fileSource } from './source.js';
import { expandText, expandVariables, fillSecrets } from './variables.js';
import { parseYaml } from './yaml.js';

const environment = { HOME_DIR: '/home/ada', ROUNDS: '7', EMPTY: '', API_KEY: 's3cret', ODD: 'a ${env:ROUNDS} b' };

function expand(text: string) {
  const { tree } = parseYaml({ source: fileSource('a.yaml', text), from: 0, path: [], code: 'FEDX_SPEC_SYNTAX' });
  if (tree.kind !== 'mapping') throw new TypeError('the specs of these tests are mappings');
  return expandVariables(tree, environment);
}

const fill = (text: unknown) => fillSecrets({ text }, environment).text;

describe('environment variables in a spec', () => {
  it('are replaced inside texts, as text', () => {
    const { tree, findings } = expand(
      'a: ${env:HOME_DIR}/data\nb: ["x-${env:ROUNDS}-${env:ROUNDS}"]\nc: { d: "${env:ROUNDS}" }',
    );
    expect(findings).toEqual([]);
    expect(toPlain(tree)).toEqual({ a: '/home/ada/data', b: ['x-7-7'], c: { d: '7' } });
  });

  it('have defaults, which also stand in for an empty variable', () => {
    expect(
      toPlain(expand('a: ${env:NONE:-x}\nb: ${env:EMPTY:-y}\nc: "${env:EMPTY}"\nd: ${env:ROUNDS:-9}').tree),
    ).toEqual({
      a: 'x',
      b: 'y',
      c: '',
      d: '7',
    });
  });

  it('that are not set are reported where they are named, all at once', () => {
    const { findings } = expand('a: ${env:NONE}\nb: [1, "${env:constructor} ${env:__proto__}"]');
    expect(findings.map(({ path, message }) => [path, message])).toEqual([
      ['a', 'The environment variable NONE is not set.'],
      ['b.1', 'The environment variable constructor is not set.'],
      ['b.1', 'The environment variable __proto__ is not set.'],
    ]);
    expect(findings[0]?.hint).toBe('Set it, or write ${env:NONE:-default}.');
  });

  it.each(['${env:}', '${env:A B}', '${env:1A}', '${env:A-b}', '${env:ROUNDS', '${env: ROUNDS}'])(
    'are not written %s',
    (text) => {
      const { problems } = expandText(text, environment);
      expect(problems.map(({ message }) => message)).toEqual([
        `${JSON.stringify(text)} is no reference to an environment variable.`,
      ]);
    },
  );

  it('leave alone what is not theirs: other dollars, keys, numbers', () => {
    const text = 'a: $HOME ${HOME} ${env ROUNDS}\n"${env:ROUNDS}": 1\nb: 2';
    expect(toPlain(expand(text).tree)).toEqual({ a: '$HOME ${HOME} ${env ROUNDS}', '${env:ROUNDS}': 1, b: 2 });
  });

  it('can be written as text, and a value is never expanded again', () => {
    expect(expandText('$${env:ROUNDS}', environment).text).toBe('$${env:ROUNDS}');
    expect(fill('$${env:ROUNDS}')).toBe('${env:ROUNDS}');
    expect(expandText('${env:ODD}', environment).text).toBe('a $${env:ROUNDS} b');
    expect(fill(expandText('${env:ODD}', environment).text)).toBe('a ${env:ROUNDS} b');
  });

  it.each([
    'API_KEY',
    'HF_TOKEN',
    'my_secret',
    'DB_PASSWORD',
    'DB_PWD',
    'AWS_CREDENTIALS',
    'PRIVATE_URL',
    'BASIC_AUTH',
  ])("stay as written where the name is a secret's (%s), until a plugin gets its options", (name) => {
    const text = `x \${env:${name}} y`;
    expect(expandText(text, { [name]: 'v' }).text).toBe(text);
    expect(fillSecrets({ a: [{ text }] }, { [name]: 'v' })).toEqual({ a: [{ text: 'x v y' }] });
  });

  it.each(['PWD', 'AUTHOR', 'USER', 'ROUNDS'])('are no secrets by chance: %s', (name) => {
    expect(expandText(`\${env:${name}}`, { [name]: 'v' }).text).toBe('v');
  });

  it('that are secret must be set all the same, or have a default', () => {
    expect(expandText('${env:OTHER_KEY}', environment).problems).toHaveLength(1);
    expect(expandText('${env:OTHER_KEY:-none}', environment)).toMatchObject({
      text: '${env:OTHER_KEY:-none}',
      problems: [],
    });
    expect(fill('${env:OTHER_KEY:-none}')).toBe('none');
  });

  it('may not make a spec very large', () => {
    const text = `a: [${Array(100).fill('"${env:LONG}"').join(', ')}]`;
    const { tree } = parseYaml({ source: fileSource('a.yaml', text), from: 0, path: [], code: 'FEDX_SPEC_SYNTAX' });
    expect(() => expandVariables(tree as never, { LONG: 'x'.repeat(20_000) })).toThrow('larger than 256 KiB');
  });

  it('once filled in, stay as they are when a text is expanded again', () => {
    const piece = fc.oneof(
      fc.constantFrom('${env:A}', '${env:B:-x}', '${env:MY_TOKEN}', '$${env:A}', ' ', '{', '}', ':-', 'env:'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.string(), (pieces, a) => {
        // A dollar that ends a piece would make the next one mean something else.
        fc.pre(!a.includes('$') && pieces.every((one) => one.includes('${') || !one.includes('$')));
        const values = { A: a, MY_TOKEN: 't' };
        const { text, problems } = expandText(pieces.join(''), values);
        fc.pre(problems.length === 0);
        expect(expandText(text, { A: 'other', MY_TOKEN: 'other' }).text).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
