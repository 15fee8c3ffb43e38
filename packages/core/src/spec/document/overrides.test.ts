import { describe, expect, it } from 'vitest';
import { find, type MappingTree, toPlain } from './located-tree.js';
import { applyOverrides } from './overrides.js';
import { fileSource } from './source.js';
import { parseYaml } from './yaml.js';

const spec = `
client: &client { epochs: 1, optimizer: { use: sgd, learningRate: 0.1 } }
copy: *client
strategy: { use: fedprox, mu: 1 }
controls: [iid, { use: centralized, epochs: 5, client: { optimizer: { use: sgd, learningRate: 1 } } }]
`;

function tree(): MappingTree {
  const { tree: parsed } = parseYaml({
    source: fileSource('a.yaml', spec),
    from: 0,
    path: [],
    code: 'FEDX_SPEC_SYNTAX',
  });
  if (parsed.kind !== 'mapping') throw new TypeError('the spec of this test is a mapping');
  return parsed;
}

function override(...args: readonly string[]): unknown {
  return toPlain(applyOverrides(tree(), args).tree);
}

function refusal(...args: readonly string[]): unknown {
  try {
    return override(...args);
  } catch (error) {
    return error;
  }
}

describe('path=value overrides', () => {
  it('reads values as YAML', () => {
    const values = override('a=1e-3', 'b=all', 'c=[1, 2]', 'd={x: true}', 'e="5"', 'f=', 'g=a=b', 'h=0x10');
    expect(values).toMatchObject({ a: 0.001, b: 'all', c: [1, 2], d: { x: true }, e: '5', f: null, g: 'a=b', h: 16 });
  });

  it('sets nested keys and list entries, and begins mappings that are missing', () => {
    expect(override('client.epochs=3', 'controls.1.epochs=7', 'server.cohort.fraction=0.5')).toMatchObject({
      client: { epochs: 3, optimizer: { use: 'sgd', learningRate: 0.1 } },
      controls: ['iid', { epochs: 7 }],
      server: { cohort: { fraction: 0.5 } },
    });
  });

  it('changes one place only, also where the file repeats it by an alias', () => {
    expect(override('client.epochs=3')).toMatchObject({ client: { epochs: 3 }, copy: { epochs: 1 } });
  });

  it('opens a control that is only named', () => {
    expect(override('controls.0.client.epochs=3')).toMatchObject({
      controls: [{ use: 'iid', client: { epochs: 3 } }, {}],
    });
  });

  it('drops the options of the old plugin when another is chosen, but not those of other arguments', () => {
    expect(override('strategy.use=fedavg')).toHaveProperty('strategy', { use: 'fedavg' });
    const adam = { use: 'adam', beta: 0.5 };
    for (const args of [
      ['client.optimizer.use=adam', 'client.optimizer.beta=0.5'],
      ['client.optimizer.beta=0.5', 'client.optimizer.use=adam'],
    ]) {
      expect(override(...args)).toHaveProperty('client', { epochs: 1, optimizer: adam });
    }
    expect(override('controls.1.client.optimizer.use=adam')).toHaveProperty('controls.1.client.optimizer', {
      use: 'adam',
    });
  });

  it('keeps the options when the same plugin is named again, and those of what is no plugin', () => {
    expect(override('strategy.use=fedprox')).toHaveProperty('strategy', { use: 'fedprox', mu: 1 });
    expect(override('controls.1.use=iid')).toHaveProperty('controls.1.epochs', 5);
  });

  it('drops options with the argument that chose their plugin', () => {
    expect(override('strategy={use: fedprox2, mu: 2}', 'strategy.use=fedavg')).toHaveProperty('strategy', {
      use: 'fedavg',
    });
    expect(override('strategy={use: fedprox2, mu: 2}', 'strategy.nu=3', 'strategy.use=fedavg')).toHaveProperty(
      'strategy',
      { nu: 3, use: 'fedavg' },
    );
  });

  it('only adds with a plus: a key that is not there, or an entry at the end of a list', () => {
    expect(
      override('+seed=3', '+client.batchSize=all', '+controls.2=local-only', '+controls.3.use=iid', '+a.b.c=1'),
    ).toMatchObject({
      seed: 3,
      client: { batchSize: 'all', epochs: 1 },
      controls: ['iid', { epochs: 5 }, 'local-only', { use: 'iid' }],
      a: { b: { c: 1 } },
    });
    expect(refusal('+client.epochs=3', '+controls.0=iid', '+controls.4=iid', '+strategy={}')).toMatchObject({
      code: 'FEDX_OVERRIDE_INVALID',
      diagnostics: [
        {
          start: { line: 1, column: 9 },
          message: 'client.epochs is already there: a.yaml:2.',
          hint: 'Leave out the + to replace it.',
        },
        { start: { line: 1, column: 11 }, message: 'controls.0 is already there: a.yaml:5.' },
        { start: { line: 1, column: 11 }, hint: 'To add an entry, write +controls.2=…' },
        { message: 'strategy is already there: a.yaml:4.' },
      ],
    });
    expect(refusal('seed=1', '+seed=2')).toMatchObject({
      diagnostics: [{ source: '+seed=2', message: 'seed is already there: seed=1.' }],
    });
  });

  it('begins a list that is missing with its first entry', () => {
    expect(override('+transforms.0.use=sign', '+transforms.1={ use: norm-clip, norm: 1 }')).toMatchObject({
      transforms: [{ use: 'sign' }, { use: 'norm-clip', norm: 1 }],
    });
    expect(refusal('+controls.0=iid', '+transforms.1.use=sign')).toMatchObject({
      diagnostics: [{ path: 'controls.0' }],
    });
  });

  it('names a key that has dots or an equals sign of its own in double quotes', () => {
    expect(override('seeds."strategy.mu"=[0, 1]', '"a=\\"b"=2')).toMatchObject({
      seeds: { 'strategy.mu': [0, 1] },
      'a="b': 2,
    });
    expect(refusal('"a=1')).toMatchObject({ code: 'FEDX_OVERRIDE_INVALID' });
    expect(refusal('"\\q"=1')).toMatchObject({ code: 'FEDX_OVERRIDE_INVALID' });
  });

  it('leaves to the file what is read before them', () => {
    expect(refusal('extends=./x.yaml', '+directory=..')).toMatchObject({
      code: 'FEDX_OVERRIDE_INVALID',
      diagnostics: [
        { start: { line: 1, column: 1 }, message: expect.stringContaining('extends cannot be an argument') },
        { start: { line: 1, column: 2 }, message: expect.stringContaining('directory cannot be an argument') },
      ],
    });
  });

  it('have 64 steps at most', () => {
    expect(refusal(`${'a.'.repeat(100_000)}a=1`)).toMatchObject({ code: 'FEDX_OVERRIDE_INVALID' });
    expect(override(`${'a.'.repeat(63)}a=1`)).toHaveProperty('a.a.a');
  });

  it('lets the last argument win', () => {
    expect(override('client.epochs=3', 'client.epochs=4')).toHaveProperty('client.epochs', 4);
  });

  it('keeps the place in the argument for key and value', () => {
    const { tree: changed, findings } = applyOverrides(tree(), ['client.batchSize=.nan']);
    const located = find(changed, ['client', 'batchSize']);
    expect(located?.key).toMatchObject({
      from: 7,
      to: 16,
      source: { name: 'client.batchSize=.nan', kind: 'argument' },
    });
    expect(located?.tree.span).toMatchObject({ from: 17, to: 21 });
    expect(findings.map(({ message }) => message)).toEqual(['client.batchSize must be a finite number, got .nan.']);
  });

  it('is not led astray by __proto__', () => {
    const changed = override('__proto__.polluted=1', 'client.constructor.prototype.polluted=1');
    expect(Object.getPrototypeOf(changed)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('reports all arguments that cannot be applied, each pointing into itself', () => {
    expect(
      refusal('epochs', '=3', 'client..epochs=1', 'controls.2=iid', 'controls.x=iid', 'strategy.mu.x=1'),
    ).toMatchObject({
      code: 'FEDX_OVERRIDE_INVALID',
      diagnostics: [
        { source: 'epochs', message: '"epochs" is not a path=value argument.' },
        { source: '=3', message: '"=3" is not a path=value argument.' },
        { source: 'client..epochs=1', message: '"client..epochs=1" is not a path=value argument.' },
        {
          start: { line: 1, column: 10 },
          message: 'controls is a list with the entries 0 to 1, there is no entry "2".',
        },
        { message: 'controls is a list with the entries 0 to 1, there is no entry "x".' },
        { start: { line: 1, column: 13 }, message: 'strategy.mu is 1, it holds no "x".' },
      ],
    });
  });

  it('reports a value that is not YAML where it is', () => {
    expect(refusal('controls=[iid')).toMatchObject({
      code: 'FEDX_OVERRIDE_INVALID',
      diagnostics: [
        { source: 'controls=[iid', path: 'controls', message: expect.stringContaining('This is not YAML: ') },
      ],
    });
    expect(refusal(`a=${'['.repeat(10_000)}`)).toMatchObject({ code: 'FEDX_SPEC_TOO_LARGE' });
  });
});
