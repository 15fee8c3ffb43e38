import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Plugin } from '../contracts/index.js';
import { defineSampler } from '../plugins/index.js';
import { definitionChecks } from './definition.js';

const sound = {
  type: 'object',
  description: 'Some clients.',
  additionalProperties: false,
  required: ['clients'],
  properties: {
    clients: { type: 'integer', minimum: 1, description: 'Clients a round.' },
    order: { type: 'string', enum: ['up', 'down'], default: 'up', description: 'Which way.' },
  },
} as const;

const failures = (plugin: Plugin, options: Readonly<Record<string, unknown>> = { clients: 3 }) =>
  titlesOfFailures(definitionChecks(plugin, { options }));

const sampler = (properties: object, more: object = {}): Plugin =>
  defineSampler({ name: 'some', options: { ...sound, ...more, properties } as typeof sound, sample: () => [0] });

describe('the checks of a definition', () => {
  it('pass a sound one', async () => {
    expect(await failures(sampler(sound.properties))).toEqual([]);
  });

  it('find options that the plugin does not take, and those that are missing', async () => {
    expect(await failures(sampler(sound.properties), { clients: 0 })).toContain(
      'takes the options that it is tested with',
    );
    expect(await failures(sampler(sound.properties), {})).toContain('takes the options that it is tested with');
  });

  it('find a default that the schema refuses', async () => {
    const properties = { ...sound.properties, order: { ...sound.properties.order, default: 'sideways' } };
    expect(await failures(sampler(properties), { clients: 3, order: 'up' })).toEqual([
      'has defaults that it would accept',
    ]);
  });

  it('find a plugin or an option without a description', async () => {
    const properties = { ...sound.properties, clients: { type: 'integer' } };
    const title = 'says what it does, and what each of its options means';
    expect(await failures(sampler(properties))).toEqual([title]);
    expect(await failures(sampler(sound.properties, { description: ' ' }))).toEqual([title]);
  });

  it('find a schema that lets misspelt options pass', async () => {
    expect(await failures(sampler(sound.properties, { additionalProperties: true }))).toEqual([
      'refuses an option that it does not have',
    ]);
  });

  it('find a schema that is none, and an object that no helper made', async () => {
    expect(await failures(sampler({ clients: { type: 'whole' } }))).toContain(
      'takes the options that it is tested with',
    );
    const { apiVersion: _, ...unmarked } = { apiVersion: 0, ...sampler(sound.properties) };
    expect(await failures(unmarked)).toEqual(['is made by a define… helper']);
  });
});
