import { describe, expect, it } from 'vitest';
import { createCatalogue } from './catalogue.js';
import { defineModel, defineSampler, defineStrategy } from './define.js';

const none = { type: 'object' } as const;
const strategy = (name: string) =>
  defineStrategy({ name, options: none, create: () => ({ aggregate: ({ global }) => ({ global }) }) });
const everyone = defineSampler({ name: 'fedavg', options: none, sample: (_, { examples }) => [...examples.keys()] });

describe('the plugin catalogue', () => {
  it('finds a plugin by kind and name, so that two kinds may share a name', () => {
    const fedavg = strategy('fedavg');
    const catalogue = createCatalogue([fedavg, everyone]);
    expect(catalogue.find('strategy', 'fedavg')).toBe(fedavg);
    expect(catalogue.find('sampler', 'fedavg')).toBe(everyone);
    expect(catalogue.find('model', 'fedavg')).toBeUndefined();
    expect(catalogue.find('strategy', 'constructor')).toBeUndefined();
  });

  it('lists a kind by name, and a kind without plugins as nothing', () => {
    const catalogue = createCatalogue([strategy('scaffold'), everyone, strategy('fedavg')]);
    expect(catalogue.list('strategy').map(({ name }) => name)).toEqual(['fedavg', 'scaffold']);
    expect(catalogue.list('dataset')).toEqual([]);
  });

  it('grows into another catalogue and stays as it was', () => {
    const before = createCatalogue([strategy('fedavg')]);
    const after = before.with([{ plugin: strategy('mine'), origin: './mine.ts' }]);
    expect(after.list('strategy').map(({ name }) => name)).toEqual(['fedavg', 'mine']);
    expect(before.find('strategy', 'mine')).toBeUndefined();
  });

  it('remembers where each plugin came from', () => {
    const shipped = { plugin: strategy('fedavg'), origin: '@fedx/strategies', version: '0.1.0' };
    const mine = { plugin: strategy('mine'), origin: './mine.ts' };
    const { entries } = createCatalogue([shipped, everyone]).with([mine]);
    expect(entries).toEqual([{ plugin: everyone, origin: 'fedx' }, shipped, mine]);
  });

  it('refuses two plugins of one kind and name, and says where both come from', () => {
    const catalogue = createCatalogue([strategy('fedavg')]);
    expect(() => catalogue.with([{ plugin: strategy('fedavg'), origin: './mine.ts' }])).toThrow(
      expect.objectContaining({
        code: 'FEDX_PLUGIN_INVALID',
        message: 'There are two plugins called fedavg of the kind strategy: one from fedx, one from ./mine.ts.',
      }),
    );
    const model = defineModel({
      name: 'mlp',
      options: none,
      create: () => ({ init: () => ({}), apply: ({ inputs }) => ({ logits: inputs }) }),
    });
    expect(() => createCatalogue([model, model])).toThrow('both from fedx');
  });
});
