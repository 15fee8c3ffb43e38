import { describe, expect, it } from 'vitest';
import { never } from '../../../testing/minimal-spec.js';
import { defineSampler } from '../../plugins/index.js';
import { resolveOptions } from '../slots/plugin-options.js';

/** Options of which some count only beside others. */
const sampler = defineSampler({
  name: 'some',
  options: {
    type: 'object',
    properties: {
      rule: { enum: ['few', 'many', 'all'] },
      count: { type: 'integer', minimum: 1, description: 'How many.' },
      share: { type: 'number', minimum: 0, maximum: 1 },
      from: { type: 'integer', minimum: 0 },
      to: { type: 'integer', maximum: 9 },
      window: {
        type: 'object',
        properties: { kind: { type: 'string' }, size: { type: 'integer' } },
        if: { required: ['kind'], properties: { kind: { const: 'sliding' } } },
        then: { required: ['size'], properties: { size: { type: 'integer', minimum: 2 } } },
      },
    },
    dependencies: { from: ['to'] },
    allOf: [
      {
        if: { required: ['rule'], properties: { rule: { const: 'few' } } },
        then: { required: ['count'], properties: { count: { type: 'integer' }, share: false } },
      },
      {
        if: { required: ['rule'], properties: { rule: { enum: ['many', 'all'] } } },
        then: { required: ['share'], properties: { share: { type: 'number', exclusiveMinimum: 0 } } },
      },
    ],
  } as const,
  sample: never,
});

/** Message, hint and the text under the caret of all that is found. */
async function findings(options: Readonly<Record<string, unknown>>): Promise<readonly unknown[]> {
  const error: unknown = await resolveOptions(sampler, options).catch((cause: unknown) => cause);
  const diagnostics = (Reflect.get(Object(error), 'diagnostics') ?? []) as readonly {
    readonly message: string;
    readonly hint?: string;
    readonly text: string;
    readonly start: { readonly column: number };
    readonly end: { readonly column: number };
  }[];
  return diagnostics.map(({ message, hint, text, start, end }) => ({
    message,
    ...(hint !== undefined && { hint }),
    at: text.slice(start.column - 1, end.column - 1),
  }));
}

describe('options that count only beside others', () => {
  it('are asked for where they are needed, with all that the schema says of them', async () => {
    expect(await findings({ rule: 'few', count: 3 })).toEqual([]);
    expect(await findings({ rule: 'few' })).toEqual([
      {
        message: 'The sampler some needs count where rule is few: an integer of at least 1.',
        hint: 'How many.',
        at: '{',
      },
    ]);
    expect(await findings({ rule: 'all' })).toEqual([
      { message: 'The sampler some needs share where rule is many or all: a number above 0 and at most 1.', at: '{' },
    ]);
  });

  it('are refused where they would be ignored', async () => {
    expect(await findings({ rule: 'few', count: 3, share: 0.5 })).toEqual([
      { message: 'share has no use where rule is few.', hint: 'Leave it out.', at: '"share"' },
    ]);
  });

  it('have bounds of their own there', async () => {
    expect(await findings({ rule: 'many', share: 0 })).toEqual([
      { message: 'share must be a number above 0 where rule is many or all, got 0.', at: '0' },
    ]);
    expect(await findings({ window: { kind: 'sliding', size: 1 } })).toEqual([
      { message: 'window.size must be an integer of at least 2 where kind is sliding, got 1.', at: '1' },
    ]);
    expect(await findings({ window: { kind: 'other', size: 1 } })).toEqual([]);
  });

  it('are asked for beside what depends on them', async () => {
    expect(await findings({ from: 1 })).toEqual([
      { message: 'The sampler some needs to beside from: an integer at most 9.', at: '{' },
    ]);
  });
});
