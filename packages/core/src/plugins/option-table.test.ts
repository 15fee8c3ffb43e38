import { describe, expect, it } from 'vitest';
import { optionTable } from './option-table.js';

/** Type, range and default of one option. */
function row(schema: object): readonly (string | undefined)[] {
  const options: { readonly type: 'object'; readonly properties: object } = {
    type: 'object',
    properties: { x: schema },
  };
  return optionTable(options).flatMap(({ type, range, default: standard }) => [type, range, standard]);
}

describe('optionTable', () => {
  it('lists options in the order of the schema, with what is required and what they mean', () => {
    const options = {
      type: 'object',
      required: ['clients'],
      properties: {
        clients: { type: 'integer', minimum: 1, description: 'Clients.' },
        seed: { type: 'integer', default: 3 },
      },
    } as const;
    expect(optionTable(options)).toEqual([
      { name: 'clients', type: 'integer', range: 'at least 1', isRequired: true, description: 'Clients.' },
      { name: 'seed', type: 'integer', range: '', default: '3', isRequired: false, description: '' },
    ]);
  });

  it.each<[object, string, string]>([
    [{ type: 'number', minimum: 0, maximum: 1 }, 'number', '0 to 1'],
    [{ type: 'number', minimum: 0, exclusiveMaximum: 1 }, 'number', 'at least 0 and below 1'],
    [{ type: 'number', exclusiveMinimum: 0 }, 'number', 'above 0'],
    [{ type: 'string', enum: ['relu', 'tanh'] }, 'text', 'relu, tanh'],
    [{ enum: [1, 2] }, 'number', '1, 2'],
    [{ type: 'string', minLength: 1 }, 'text', 'at least 1 characters'],
    [{ type: 'boolean' }, 'boolean', ''],
    [
      { type: 'array', items: { type: 'integer', minimum: 1 }, minItems: 2 },
      'list of integers',
      'at least 2 long; each at least 1',
    ],
    [{ type: 'array', items: { type: 'string' } }, 'list of text', ''],
    [{ anyOf: [{ type: 'integer', minimum: 1 }, { const: 'all' }] }, 'integer or text', 'at least 1, or all'],
    [{ type: ['integer', 'null'] }, 'integer or null', ''],
    [{ type: 'object' }, 'mapping', ''],
    [{}, 'anything', ''],
  ])('puts %j into words', (schema, type, range) => {
    expect(row(schema)).toEqual([type, range, undefined]);
  });

  it.each<[unknown, string]>([
    [[128], '[128]'],
    ['relu', 'relu'],
    ['two words', '"two words"'],
    [0.9, '0.9'],
    [false, 'false'],
  ])('writes the default %j as a spec would', (standard, text) => {
    expect(row({ default: standard })[2]).toBe(text);
  });

  it('has no rows where there are no options', () => {
    expect(optionTable({ type: 'object' })).toEqual([]);
  });
});
