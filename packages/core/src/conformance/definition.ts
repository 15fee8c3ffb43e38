import assert from 'node:assert/strict';
import type { OptionsOf, OptionsSchema, Plugin } from '../contracts/index.js';
import { whyNoPlugin } from '../plugins/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';

/** Options as a spec writes them: those with a default may be left out. */
export type WrittenOptions<Schema extends OptionsSchema> = Partial<OptionsOf<Schema>>;

/** What every kind's checks are given. */
export interface Setup<Schema extends OptionsSchema = OptionsSchema> {
  /** The options to test with; default: none but the plugin's own defaults. */
  readonly options?: WrittenOptions<Schema>;
}

interface OptionSchema {
  readonly description?: unknown;
  readonly default?: unknown;
}

/** What holds for plugins of all kinds: the definition itself, and its options. */
export function definitionChecks(plugin: Plugin, { options: written = {} }: Setup): readonly ConformanceCheck[] {
  return [
    {
      title: 'is made by a define… helper',
      run: async () => assert.equal(whyNoPlugin(plugin), undefined, `${plugin.name} ${whyNoPlugin(plugin) ?? ''}`),
    },
    {
      title: 'takes the options that it is tested with',
      run: async () => {
        const options = await resolveOptions(plugin, written);
        assert.deepEqual(await resolveOptions(plugin, options), options, 'Resolving twice gives other options.');
      },
    },
    {
      title: 'has defaults that it would accept',
      run: async () => {
        for (const [name, schema] of optionSchemas(plugin)) {
          if (schema.default === undefined) continue;
          const options: OptionsSchema & { readonly properties: object } = {
            type: 'object',
            properties: { [name]: schema },
          };
          await resolveOptions({ ...plugin, options }, { [name]: schema.default });
        }
      },
    },
    {
      title: 'says what it does, and what each of its options means',
      run: async () => {
        const { description } = plugin.options as OptionSchema;
        assert.ok(isText(description), 'The schema of its options has no description, which fedx plugins shows.');
        const bare = optionSchemas(plugin).filter(([, { description }]) => !isText(description));
        assert.deepEqual(
          bare.map(([name]) => name),
          [],
          'These options have no description in the schema.',
        );
      },
    },
    {
      title: 'refuses an option that it does not have',
      run: async () => {
        const misspelt = { ...written, 'an-option-that-nobody-has': 1 };
        await assert.rejects(
          resolveOptions(plugin, misspelt),
          { code: 'FEDX_SPEC_INVALID' },
          'An unknown option passed: its schema should say additionalProperties: false.',
        );
      },
    },
  ];
}

function optionSchemas({ options }: Plugin): readonly (readonly [string, OptionSchema])[] {
  const { properties = {} } = options as { readonly properties?: Readonly<Record<string, OptionSchema>> };
  return Object.entries(properties);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
