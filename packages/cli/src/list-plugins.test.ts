import { PassThrough } from 'node:stream';
import type { PluginListing } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { listPlugins, showPlugin } from './list-plugins.js';

const mlp: PluginListing = {
  kind: 'model',
  name: 'mlp',
  origin: '@fedx/models',
  version: '0.1.0',
  description: 'Dense layers.',
  options: {
    type: 'object',
    required: ['units'],
    properties: {
      units: { type: 'integer', minimum: 1, description: 'Units of each layer.' },
      hidden: { type: 'array', items: { type: 'integer' }, default: [128], description: 'Hidden layers.' },
      path: { type: 'string', description: 'A file.' },
    },
  } as PluginListing['options'],
};
const all = (kind: 'sampler' | 'strategy'): PluginListing => ({
  kind,
  name: 'all',
  origin: './all.ts',
  description: '',
  options: { type: 'object' },
});

const plugins = [mlp, all('sampler'), all('strategy')];
const specs: (string | undefined)[] = [];
const host = { plugins: async (spec?: string) => (specs.push(spec), plugins) };

function written(): { readonly terminal: { stdout: PassThrough; stderr: PassThrough }; readonly text: () => string } {
  const terminal = { stdout: new PassThrough(), stderr: new PassThrough() };
  return { terminal, text: () => String(terminal.stdout.read() ?? '') };
}

async function show(name: string, mode: 'text' | 'json' = 'text'): Promise<string> {
  const { terminal, text } = written();
  await showPlugin({ host, name, spec: undefined, mode, terminal });
  return text();
}

describe('listPlugins', () => {
  it('writes a line a plugin, and hands the spec on', async () => {
    const { terminal, text } = written();
    await listPlugins({ host, spec: 'x.yaml', mode: 'text', terminal });
    expect(specs.at(-1)).toBe('x.yaml');
    expect(text()).toBe(`kind      name  from          version  options
model     mlp   @fedx/models  0.1.0    units (required), hidden=[128], path
sampler   all   ./all.ts      –
strategy  all   ./all.ts      –
`);
  });

  it('writes them as JSON', async () => {
    const { terminal, text } = written();
    await listPlugins({ host, spec: undefined, mode: 'json', terminal });
    expect(JSON.parse(text())).toEqual({ plugins });
  });
});

describe('showPlugin', () => {
  it('explains a plugin and its options', async () => {
    expect(await show('mlp')).toBe(`mlp  model, from @fedx/models 0.1.0

Dense layers.

In a spec
model: { use: mlp, units: …, hidden: [128] }

Options
option  type              range       default   description
units   integer           at least 1  required  Units of each layer.
hidden  list of integers              [128]     Hidden layers.
path    text                                    A file.
`);
  });

  it('shows every plugin of a name, and with its kind the one', async () => {
    expect((await show('all')).match(/^all .*$/gm)).toEqual([
      'all  sampler, from ./all.ts',
      'all  strategy, from ./all.ts',
    ]);
    expect((await show('sampler/all')).match(/^all .*$/gm)).toEqual(['all  sampler, from ./all.ts']);
    expect(await show('sampler/all')).toContain('server: { cohort: { use: all } }');
    expect(JSON.parse(await show('strategy/all', 'json'))).toEqual({ plugins: [all('strategy')] });
  });

  it('knows the nearest name where there is no such plugin', async () => {
    await expect(show('mpl')).rejects.toMatchObject({
      code: 'FEDX_USAGE',
      message: 'There is no plugin "mpl".',
      hint: 'Did you mean mlp? Plugins: all, mlp.',
    });
    await expect(show('model/mpl')).rejects.toMatchObject({
      hint: 'Did you mean model/mlp? Plugins: model/mlp, sampler/all, strategy/all.',
    });
  });
});
