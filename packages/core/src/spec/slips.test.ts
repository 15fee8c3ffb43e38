import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { minimal, resolve } from '../../testing/minimal-spec.js';
import type { FedxError } from '../errors/index.js';
import { readSpec } from './document/read-spec.js';
import { fileSource } from './document/source.js';
import { parseYaml } from './document/yaml.js';
import { loadValidator } from './schema/validate.js';

describe('what a slip of the hand is told', () => {
  it.each([
    ['seed:1\nname: a', 'Write a space after the colon.'],
    ['a: { b: 1 c: 2 }', 'Is a comma missing between two keys?'],
    ['a:\n\tb: 1', 'Indent with spaces.'],
    ['a:\n  b: 1\n c: 2', 'Indent all keys of one mapping by the same number of spaces.'],
  ])('in YAML: %j', (text, hint) => {
    const source = fileSource('a.yaml', text);
    expect(() => parseYaml({ source, from: 0, path: [], code: 'FEDX_SPEC_SYNTAX' })).toThrow(
      expect.objectContaining({ diagnostics: [expect.objectContaining({ hint })] }),
    );
  });

  it('in the name of a spec, and in the order of arguments', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fedx-slips-'));
    try {
      await writeFile(join(folder, 'noniid.yaml'), minimal);
      await expect(readSpec(join(folder, 'nonidi.yaml'))).rejects.toMatchObject({
        code: 'FEDX_SPEC_NOT_FOUND',
        hint: `Did you mean ${join(folder, 'noniid.yaml')}?`,
      });
      await expect(readSpec('server.rounds=2')).rejects.toMatchObject({
        hint: 'The spec comes first, path=value arguments after it.',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('of options that went with the plugin that an argument replaced', async () => {
    const text = minimal.replace('{ use: iid, clients: 10 }', '{ use: other, clients: 10 }');
    await expect(resolve(text, 'partition.use=iid')).rejects.toMatchObject({
      diagnostics: [
        {
          path: 'partition.clients',
          source: 'partition.use=iid',
          start: { column: 15 },
          end: { column: 18 },
          hint: expect.stringContaining('partition.use chooses another plugin'),
        },
      ],
    });
  });

  it('of options of which only one may be given', async () => {
    const check = (await loadValidator()).compile({
      type: 'object',
      properties: { a: {}, b: {}, c: {} },
      oneOf: [
        { properties: { a: {} }, required: ['a'] },
        { properties: { b: {}, c: {} }, required: ['b', 'c'] },
      ],
    });
    const messages = (data: Record<string, unknown>) => {
      const { tree } = parseYaml({
        source: fileSource('a.yaml', JSON.stringify(data)),
        from: 0,
        path: [],
        code: 'FEDX_SPEC_SYNTAX',
      });
      return check(data, { tree, path: ['cohort'] }).map(({ message }) => message);
    };
    expect(messages({ a: 1 })).toEqual([]);
    expect(messages({ b: 1 })).toEqual(['cohort needs a or b and c.']);
    expect(messages({ a: 1, b: 1, c: 1 })).toEqual(['cohort takes a or b and c, not both.']);
  });

  it('of an item that is in a list twice, at the second', async () => {
    const check = (await loadValidator()).compile({ type: 'array', uniqueItems: true });
    const found = (data: readonly unknown[]) => {
      const source = fileSource('a.yaml', JSON.stringify(data));
      const { tree } = parseYaml({ source, from: 0, path: [], code: 'FEDX_SPEC_SYNTAX' });
      return check(data, { tree, path: ['dataset', 'features'] });
    };
    expect(found(['x', 'y'])).toEqual([]);
    expect(found(['x', 'y', 'x'])).toMatchObject([
      {
        at: { from: 9 },
        path: 'dataset.features',
        message: 'dataset.features has the text "x" twice.',
        hint: 'Leave one of them out.',
      },
    ]);
    expect(found([3, 7, 7])).toMatchObject([{ at: { from: 5 }, message: 'dataset.features has 7 twice.' }]);
  });

  it.each([
    [minimal.replace('rounds:', 'ruonds:'), 'Unknown key "ruonds" in server.', 'rounds'],
    [minimal.replace('dataset:', 'datset:'), 'Unknown key "datset".', 'dataset'],
    [minimal.replace('clients: 10', 'clinets: 10'), 'Unknown option "clinets" of the partitioner iid.', 'clients'],
  ])(
    'of a misspelt key that has to be there: that it is misspelt, and not that it is missing',
    async (text, message, meant) => {
      await expect(resolve(text)).rejects.toMatchObject({
        diagnostics: [{ message, hint: expect.stringContaining(`Did you mean ${meant}?`) }],
      });
    },
  );

  it('of a misspelt key that is one of a choice', async () => {
    const text = `${minimal}environment: { attackers: { shaer: 0.1, attack: { use: none } } }\n`;
    const error: unknown = await resolve(text).catch((thrown: unknown) => thrown);
    const about = (error as FedxError).diagnostics.filter(({ path }) => path.startsWith('environment.attackers'));
    expect(about.map(({ path }) => path)).toEqual(['environment.attackers.shaer', 'environment.attackers.attack.use']);
  });

  it('of a key that is missing beside one that is misspelt for another', async () => {
    const text = minimal.replace(/rounds: \d+/, 'cohrt: { use: all }');
    await expect(resolve(text)).rejects.toMatchObject({
      diagnostics: [{ path: 'server.rounds' }, { path: 'server.cohrt' }],
    });
  });
});
