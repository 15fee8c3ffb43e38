import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { never } from '../../testing/minimal-spec.js';
import { FedxError } from '../errors/index.js';
import { createCatalogue, defineOptimizer, defineSchedule, defineStrategy } from '../plugins/index.js';
import { parseSpec, readSpec, renderDiagnostics, resolveSpec } from './index.js';

const catalogue = createCatalogue([
  defineOptimizer({
    name: 'sgd',
    options: {
      type: 'object',
      properties: { learningRate: { type: 'number', exclusiveMinimum: 0 } },
      required: ['learningRate'],
    } as const,
    create: never,
  }),
  defineSchedule({ name: 'constant', options: { type: 'object' }, create: never }),
  defineStrategy({ name: 'fedavg', options: { type: 'object' }, create: never }),
  defineStrategy({ name: 'fedprox', options: { type: 'object' }, create: never }),
]);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fedx-spec-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function fails(promise: Promise<unknown>): Promise<FedxError> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof FedxError) return error;
  throw new TypeError('expected a FedxError', { cause: error });
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

/** The code and the printed diagnostics of a spec; those about missing keys and plugins of other slots are left out. */
async function refusal(text: string, ...overrides: readonly string[]): Promise<{ code: string; printed: string }> {
  const error = await fails(parseSpec('spec.yaml', text, overrides).then((parsed) => resolveSpec(parsed, catalogue)));
  const told = error.diagnostics.filter(
    ({ message }) => !/^The spec needs|^client needs|^Unknown sampler "all"/.test(message),
  );
  return { code: error.code, printed: renderDiagnostics(told) };
}

describe('a spec file', () => {
  it('that does not exist is named', async () => {
    const path = join(directory, 'nothing.yaml');
    const error = await fails(readSpec(path));
    expect(error.code).toBe('FEDX_SPEC_NOT_FOUND');
    expect(error.message).toBe(`There is no spec file ${path}.`);
    expect(error.exitCode).toBe(2);
  });

  it('that is a folder is named as one', async () => {
    expect((await fails(readSpec(directory))).message).toBe(`${directory} is a folder, not a spec file.`);
  });

  it('of 50 MB is refused without being read', async () => {
    const path = await file('large.yaml', 'name: x\n');
    await truncate(path, 50 * 1024 * 1024);
    const error = await fails(readSpec(path));
    expect(error.code).toBe('FEDX_SPEC_TOO_LARGE');
    expect(error.message).toBe(`${path} is larger than 256 KiB; a spec is a few kilobytes of YAML.`);
  });

  it('that is no text is told from one that is', async () => {
    const path = await file('picture.yaml', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff]));
    const error = await fails(readSpec(path));
    expect(error.code).toBe('FEDX_SPEC_SYNTAX');
    expect(error.message).toBe(`${path} is not UTF-8 text.`);
  });

  it('is read as it is, byte order mark and line ends included', async () => {
    expect(await readSpec(await file('crlf.yaml', '\uFEFFname: é\r\n'))).toBe('\uFEFFname: é\r\n');
  });
});

describe('a document', () => {
  it.each(['', '\n\n', '# only a comment\n', '---\n', '\uFEFF'])('that is empty (%j) is called empty', async (text) => {
    const { code, printed } = await refusal(text);
    expect(code).toBe('FEDX_SPEC_INVALID');
    expect(printed).toContain('spec.yaml is empty.');
    expect(printed).toContain('Begin with apiVersion: fedx/v1');
  });

  it('that is not YAML is marked where it stops being YAML', async () => {
    expect(await refusal('name: x\nserver: [1, 2\nmodel: y\n')).toEqual({
      code: 'FEDX_SPEC_SYNTAX',
      printed: [
        'spec.yaml:3:1: This is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
        '  3 | model: y',
        '    | ^',
      ].join('\n'),
    });
    expect((await refusal('a: b: c')).printed).toContain(
      'spec.yaml:1:4: This is not YAML: Nested mappings are not allowed',
    );
  });

  it('that is not YAML in several places is marked in each', async () => {
    const { printed } = await refusal('name: "x\\q"\nseed: 1\nmodel: "\\p"\n');
    expect(printed.match(/^spec\.yaml:\d+:\d+: This is not YAML/gm)).toEqual([
      'spec.yaml:1:9: This is not YAML',
      'spec.yaml:3:9: This is not YAML',
    ]);
  });

  it('that is another kind of file is told how a spec begins, once', async () => {
    for (const text of ['<!DOCTYPE html>\n<p>a: b: c</p>\n<p>\n', 'import { a } from "b";\nconst c = { d: 1 };\n']) {
      const { printed } = await refusal(text);
      expect(
        printed.match(/= Begin with apiVersion: fedx\/v1; the specs in experiments\/ are examples\./g),
      ).toHaveLength(1);
    }
    expect((await refusal('name: a\nserver: [1, 2\nmodel: y\n')).printed).not.toContain('Begin with');
  });

  it('that is not YAML for the braces of a variable is told how to write it', async () => {
    const { printed } = await refusal('model: { use: ${env:MODEL} }');
    expect(printed).toContain('= Inside [ ] and { }, write "${env:NAME}" in quotes.');
  });

  it.each([
    ['- a', 'A spec is a mapping of keys, but this is a list.'],
    ['just some text', 'A spec is a mapping of keys, but this is a plain value.'],
  ])('that is no mapping (%s) is told what it is', async (text, message) => {
    expect((await refusal(text)).printed).toContain(message);
  });

  it('with a second document is refused at the second', async () => {
    const { code, printed } = await refusal('name: x\n---\nname: y\n');
    expect(code).toBe('FEDX_SPEC_SYNTAX');
    expect(printed).toContain('spec.yaml:3:1: A second YAML document starts here; a spec is one document.');
  });

  it.each(['[', '{', '{a: ', '- ', '[[], ', ' ['])(
    'of 10 kB of nested %j is refused at the 65th level',
    async (piece) => {
      const { code, printed } = await refusal(
        `name: x\nmodel: ${piece === '- ' ? '\n  ' : ''}${piece.repeat(Math.ceil(10_240 / piece.length))}`,
      );
      expect(code).toBe('FEDX_SPEC_TOO_LARGE');
      expect(printed).toContain('Brackets or indents nest deeper than 64 levels here.');
    },
  );
});

describe('a key', () => {
  it('given twice is reported at the second', async () => {
    expect((await refusal('name: x\nseed: 1\nname: y\n')).printed).toBe(
      [
        'spec.yaml:3:1: name is given twice; the first is in line 1.',
        '  3 | name: y',
        '    | ^^^^',
        '    = Keep one of them.',
      ].join('\n'),
    );
  });

  it('that is unknown comes with the nearest one and the list', async () => {
    expect((await refusal('server: { rounds: 3, rouns: 4 }')).printed).toBe(
      [
        'spec.yaml:1:22: Unknown key "rouns" in server.',
        '  1 | server: { rounds: 3, rouns: 4 }',
        '    |                      ^^^^^',
        '    = Did you mean rounds? Keys here: rounds, cohort, weights, minimumCohort, maxSeconds, stop.',
      ].join('\n'),
    );
    expect((await refusal('server: { rounds: 3 }', 'client.epoch=2')).printed).toBe(
      [
        'client.epoch=2: Unknown key "epoch" in client.',
        '  1 | client.epoch=2',
        '    |        ^^^^^',
        '    = Did you mean epochs? Keys here: epochs, steps, batchSize, lastBatch, optimizer, schedule, clip, optimizerState, onFailure, timeout, maxUpdateNorm.',
      ].join('\n'),
    );
  });

  it('use, misspelt, is told from an option, with and without a plugin to fall back to', async () => {
    expect((await refusal('model: { usee: mlp }')).printed).toBe(
      [
        'spec.yaml:1:10: Unknown key "usee" in model.',
        '  1 | model: { usee: mlp }',
        '    |          ^^^^',
        '    = Did you mean use?',
      ].join('\n'),
    );
    expect((await refusal('strategy: { ues: fedprox }')).printed).toContain('= Did you mean use?');
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString'])(
    'called %s is unknown like any other, at every depth',
    async (key) => {
      const text = `${key}: { polluted: 1 }\nserver: { rounds: 1, ${key}: { polluted: 1 } }\nstrategy: { use: fedavg, ${key}: { polluted: 1 } }`;
      const { code, printed } = await refusal(text, `client.${key}.polluted=1`);
      expect(code).toBe('FEDX_SPEC_INVALID');
      expect(printed).toContain(`spec.yaml:1:1: Unknown key "${key}".`);
      expect(printed).toContain(`spec.yaml:2:22: Unknown key "${key}" in server.`);
      expect(printed).toContain(`spec.yaml:3:26: Unknown option "${key}" of the strategy fedavg.`);
      expect(printed).toContain(`client.${key}.polluted=1: Unknown key "${key}" in client.`);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    },
  );

  it('that is missing is asked for with what it takes', async () => {
    const error = await fails(
      parseSpec('spec.yaml', 'server: {}', []).then((parsed) => resolveSpec(parsed, catalogue)),
    );
    expect(error.diagnostics.map(({ message }) => message)).toContain(
      'server needs rounds: an integer from 1 to 1000000.',
    );
    expect(error.diagnostics.map(({ message }) => message)).toContain('The spec needs dataset: a mapping with use.');
  });
});

describe('a value', () => {
  it.each([
    ['server: { rounds: 0 }', 'server.rounds must be an integer from 1 to 1000000, got 0.'],
    ['server: { rounds: -1 }', 'server.rounds must be an integer from 1 to 1000000, got -1.'],
    ['server: { rounds: 1.5 }', 'server.rounds must be an integer from 1 to 1000000, got 1.5.'],
    ['server: { rounds: 1e9 }', 'server.rounds must be an integer from 1 to 1000000, got 1000000000.'],
    ['server: { rounds: "3" }', 'server.rounds must be an integer from 1 to 1000000, got the text "3".'],
    ['server: { rounds: [3] }', 'server.rounds must be an integer from 1 to 1000000, got a list.'],
    ['server: { rounds: }', 'server.rounds must be an integer from 1 to 1000000, got nothing.'],
    ['server: 3', 'server must be a mapping, got 3.'],
    ['client: { batchSize: 0 }', 'client.batchSize must be an integer from 1 to 65536 or all, got 0.'],
    ['client: { epochs: 10001 }', 'client.epochs must be an integer from 1 to 10000, got 10001.'],
    ['client: { lastBatch: keeep }', 'client.lastBatch must be keep or drop, got the text "keeep".'],
    ['seed: -1', 'seed must be an integer from 0 to 9007199254740991, got -1.'],
    ['seed: 9007199254740993', 'seed is 9007199254740993, an integer past 2^53 - 1 that would be rounded.'],
    ['executor: { workers: 257 }', 'executor.workers must be an integer from 1 to 256 or auto, got 257.'],
    ['engine: { use: cuda }', 'engine.use must be auto, onnx, tensorflow or eager, got the text "cuda".'],
    ['apiVersion: fedx/v2', 'apiVersion must be fedx/v1, got the text "fedx/v2".'],
    ['strategy: fedprox', 'strategy must be a mapping with use, got the text "fedprox".'],
  ])('of the wrong type or size is shown beside what is right: %s', async (text, message) => {
    const { code, printed } = await refusal(text);
    expect(code).toBe('FEDX_SPEC_INVALID');
    expect(printed.split('\n')[0]).toMatch(/^spec\.yaml:1:\d+: /);
    expect(printed.split('\n')[0]?.replace(/^spec\.yaml:1:\d+: /, '')).toBe(message);
    expect(printed.match(/^spec\.yaml:/gm)).toHaveLength(1);
  });

  it.each(['.nan', '.inf', '-.inf', '1e999'])('of %s is no learning rate', async (value) => {
    expect((await refusal(`client: { optimizer: { use: sgd, learningRate: ${value} } }`)).printed.split('\n')[0]).toBe(
      `spec.yaml:1:48: client.optimizer.learningRate must be a finite number, got ${value}.`,
    );
  });

  it('that names no plugin comes with the nearest one and the list of its kind', async () => {
    expect((await refusal('strategy: { use: fedporx }')).printed).toBe(
      [
        'spec.yaml:1:18: Unknown strategy "fedporx".',
        '  1 | strategy: { use: fedporx }',
        '    |                  ^^^^^^^',
        '    = Did you mean fedprox? Strategies: fedavg, fedprox.',
      ].join('\n'),
    );
    expect((await refusal('model: { use: mlp }')).printed).toContain(
      'No model is loaded; name a file or package under plugins.',
    );
  });

  it.each(['a/b', '../a', '/etc/passwd', 'a\\b', '.hidden', '..', 'a b', '', 'x'.repeat(101)])(
    '%j is no name: it becomes part of a folder',
    async (name) => {
      const { printed } = await refusal(`name: ${JSON.stringify(name)}`);
      expect(printed).toContain(
        'spec.yaml:1:7: name must be 1 to 100 characters of A-Z a-z 0-9 . _ - that do not start with a dot, got the text "',
      );
    },
  );
});
