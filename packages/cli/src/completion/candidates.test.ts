import type { JsonSchema } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { type CommandShape, candidatesFor, type Surroundings } from './candidates.js';

const json = { name: 'json', description: 'One document.', takesValue: false };
const specAndOverrides = [{ name: 'spec' }, { name: 'overrides' }];

const commands: readonly CommandShape[] = [
  { words: ['run'], summary: 'Run.', args: specAndOverrides, flags: [json] },
  {
    words: ['runs'],
    summary: 'List runs.',
    args: [],
    flags: [{ name: 'sort', takesValue: true, options: ['name', 'time'] }],
  },
  { words: ['runs', 'show'], summary: 'Show a run.', args: [{ name: 'run' }], flags: [] },
  { words: ['verify'], args: [{ name: 'specs' }], flags: [] },
  { words: ['completion'], args: [{ name: 'shell', options: ['bash', 'fish'] }], flags: [] },
];

const slot = (fallback: string, plugins: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties: { use: { type: 'string', default: fallback, examples: Object.keys(plugins) } },
  allOf: Object.entries(plugins).map(([name, options]) => ({
    if: { properties: { use: { const: name } } },
    then: { properties: options },
  })),
});

const schema: JsonSchema = {
  properties: {
    seed: { type: 'integer', description: 'All else derives from it.' },
    client: { properties: { lastBatch: { enum: ['keep', 'drop'], default: 'keep' } } },
    strategy: slot('fedavg', { fedavg: {}, fedprox: { mu: { type: 'number' }, keep: { type: 'boolean' } } }),
  },
};

const surroundings: Surroundings = {
  commands,
  specFiles: async (prefix) =>
    ['a.yaml', 'more/'].filter((name) => name.startsWith(prefix)).map((value) => ({ value })),
  draftSpec: async (file, overrides) => ({
    strategy: { use: file === 'prox.yaml' || overrides.includes('strategy.use=fedprox') ? 'fedprox' : 'fedavg' },
  }),
  specSchema: async () => schema,
};

/** The values that are offered at the end of a line; a line that ends in a space begins a new word. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(' ');
  const found = await candidatesFor(words.slice(0, -1), words.at(-1) ?? '', surroundings);
  return found.map(({ value }) => value);
}

describe('candidatesFor', () => {
  it('offers commands with what they do, a group of commands once', async () => {
    expect(await candidatesFor([], 'run', surroundings)).toEqual([
      { value: 'run', description: 'Run.' },
      { value: 'runs', description: 'List runs.' },
    ]);
    expect(await offered('')).toEqual(['run', 'runs', 'verify', 'completion', '--help']);
  });

  it('offers what follows a command that is also the first word of others', async () => {
    expect(await offered('runs ')).toEqual(['show']);
    expect(await offered('runs show ')).toEqual([]);
  });

  it('offers flags, and the words of one that takes some', async () => {
    expect(await offered('run --')).toEqual(['--json', '--help']);
    expect(await offered('runs --sort ')).toEqual(['name', 'time']);
    expect(await offered('runs --sort=t')).toEqual(['--sort=time']);
  });

  it('offers the words of an argument', async () => {
    expect(await offered('completion b')).toEqual(['bash']);
  });

  it('offers spec files for the spec, whatever flags stand before it', async () => {
    expect(await offered('run ')).toEqual(['a.yaml', 'more/']);
    expect(await offered('run --json a')).toEqual(['a.yaml']);
    expect(await offered('verify a.yaml ')).toEqual(['a.yaml', 'more/']);
  });

  it('offers the paths of the spec, with the options of the plugin that it chooses', async () => {
    expect(await offered('run a.yaml ')).toEqual(['seed=', 'client.lastBatch=', 'strategy.use=']);
    expect(await offered('run prox.yaml strategy.')).toEqual(['strategy.use=', 'strategy.mu=', 'strategy.keep=']);
    expect(await candidatesFor(['run', 'a.yaml'], 's', surroundings)).toContainEqual({
      value: 'seed=',
      description: 'All else derives from it.',
    });
  });

  it('knows the plugin that an earlier argument chose', async () => {
    expect(await offered('run a.yaml strategy.use=fedprox strategy.m')).toEqual(['strategy.mu=']);
  });

  it('offers plugin names, words and defaults after the equals sign, each once', async () => {
    expect(await offered('run a.yaml strategy.use=')).toEqual(['strategy.use=fedavg', 'strategy.use=fedprox']);
    expect(await offered('run a.yaml client.lastBatch=')).toEqual(['client.lastBatch=keep', 'client.lastBatch=drop']);
    expect(await offered('run prox.yaml strategy.keep=t')).toEqual(['strategy.keep=true']);
    expect(await offered('run a.yaml nothing.such=')).toEqual([]);
  });

  it('offers nothing for a command that there is not', async () => {
    expect(await offered('frob ')).toEqual([]);
  });
});
