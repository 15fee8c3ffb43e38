import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonSchema } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { fedx } from '../e2e/fedx.js';

const root = new URL('../../', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('schema/experiment.schema.json', root), 'utf8')) as JsonSchema;

interface Property {
  readonly path: string;
  readonly schema: JsonSchema;
}

/** Every property of a schema, however deep, by its path of keys. */
function propertiesOf(value: unknown, path: readonly string[] = []): readonly Property[] {
  if (typeof value !== 'object' || value === null) return [];
  const { properties = {}, ...rest } = value as JsonSchema;
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => [
      { path: [...path, name].join('.'), schema: inner },
      ...propertiesOf(inner, [...path, name]),
    ]),
    ...Object.entries(rest)
      // A condition describes nothing, and what follows from `plugins` repeats the slots.
      .filter(([keyword]) => keyword !== 'if')
      .flatMap(([keyword, inner]) => (keyword === 'allOf' && path.length === 0 ? [] : propertiesOf(inner, path))),
  ];
}

/** The plugins that slots may choose, each with what it does. */
function pluginsOf(value: unknown): readonly { readonly name: string; readonly description: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const { enum: names, enumDescriptions } = value as { enum?: string[]; enumDescriptions?: string[] };
  if (names === undefined || enumDescriptions === undefined) return Object.values(value).flatMap(pluginsOf);
  return names.map((name, index) => ({ name, description: enumDescriptions[index] ?? '' }));
}

describe('the shipped schema', () => {
  const properties = propertiesOf(schema);

  it('describes every key and every option in a sentence', () => {
    expect(properties.length).toBeGreaterThan(50);
    const isDescribed = ({ schema: { description } }: Property) =>
      typeof description === 'string' && /^\S.*\.$/.test(description);
    // Where a key is told twice, as under a condition of its plugin, one description is enough.
    const described = new Set(properties.filter(isDescribed).map(({ path }) => path));
    expect(properties.map(({ path }) => path).filter((path) => !described.has(path))).toEqual([]);
  });

  it('says what every plugin does', () => {
    const plugins = pluginsOf(schema.allOf?.[0]?.then);
    expect(plugins.length).toBeGreaterThan(5);
    // The description of a plugin is that of its options.
    expect(plugins.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
  });

  it('holds a default and the words of an option', () => {
    const activation = properties.find(({ path }) => path === 'model.activation');
    expect(activation?.schema).toMatchObject({ enum: expect.arrayContaining(['relu']), default: 'relu' });
  });
});

describe('fedx schema SPEC', () => {
  const printed = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await fedx(['schema', ...args], root.pathname);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout) as JsonSchema;
  };

  it('knows the plugins of the spec, and the options that it has of them', async () => {
    const own = await printed('examples/server-momentum.yaml', '--json');
    expect(own.properties?.strategy?.properties?.use).toMatchObject({
      examples: expect.arrayContaining(['fedavg', 'server-momentum']),
    });
    expect(propertiesOf(own).find(({ path }) => path === 'strategy.momentum')?.schema).toMatchObject({ default: 0.9 });
  });

  it('does not mind what is wrong with the spec', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fedx-schema-'));
    const file = join(folder, 'unfinished.yaml');
    await writeFile(file, 'name: two words\nsedd: 3\nstrategy: { use: nothing }\n');
    expect(await printed(file)).toEqual(schema);
    await rm(folder, { recursive: true });
  });

  it('ends with 2 where there is no such spec', async () => {
    const { exitCode, stdout } = await fedx(['schema', 'nowhere.yaml', '--json'], root.pathname);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'FEDX_SPEC_NOT_FOUND' } });
  });
});
