import { expect, it, describe as suite } from 'vitest';
import { describe, type JsonSchema, show } from './json-schema.js';

suite('a schema in words', () => {
  it.each<[string, JsonSchema]>([
    ['an integer from 1 to 256 or auto', { anyOf: [{ type: 'integer', minimum: 1, maximum: 256 }, { const: 'auto' }] }],
    ['a number above 0 and below 1', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }],
    ['a number of at least 0', { type: 'number', minimum: 0 }],
    ['a number at most 9', { type: 'number', maximum: 9 }],
    ['keep or drop', { enum: ['keep', 'drop'] }],
    ['relu, tanh or 3', { enum: ['relu', 'tanh', 3] }],
    [
      'a list of at least 1, each an integer of at least 1',
      { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1 } },
    ],
    ['a list of 2', { type: 'array', minItems: 2, maxItems: 2 }],
    ['text or true or false', { type: ['string', 'boolean'] }],
    ['text that is not empty', { type: 'string', minLength: 1 }],
    ['text that matches ^a$', { type: 'string', pattern: '^a$' }],
    ['a mapping', { type: 'object' }],
    ['a prime', { type: 'integer', expected: 'a prime' }],
  ])('is %s', (words, schema) => expect(describe(schema)).toBe(words));

  it('shows values by their kind, and as much of a text as fits', () => {
    expect([null, [], [0], {}, { a: 0 }, 1.5, false, '1'].map(show)).toEqual([
      'nothing',
      'an empty list',
      'a list',
      'an empty mapping',
      'a mapping',
      '1.5',
      'false',
      'the text "1"',
    ]);
    expect(show('x'.repeat(1000))).toHaveLength(52);
  });
});
