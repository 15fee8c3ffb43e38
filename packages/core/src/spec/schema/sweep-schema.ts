import type { JsonSchema } from './json-schema.js';

/** So many runs may come of one spec. */
export const maxPoints = 10_000;

const values = {
  type: 'array',
  minItems: 1,
  expected: 'a list of values, at least one',
} as const satisfies JsonSchema;

const bounds = (item: JsonSchema): JsonSchema => ({
  type: 'array',
  items: item,
  minItems: 2,
  maxItems: 2,
  expected: 'a list [low, high]',
});

const distribution: JsonSchema = {
  type: 'object',
  description: 'How one path is drawn: { uniform | logUniform | integer: [low, high] } or { choice: [a, b, …] }.',
  expected: 'one of uniform, logUniform, integer and choice, e.g. { uniform: [0, 1] }',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    uniform: { ...bounds({ type: 'number' }), description: 'Every number from low to high alike.' },
    logUniform: {
      ...bounds({ type: 'number', exclusiveMinimum: 0 }),
      description: 'Every order of magnitude from low to high alike; both above 0.',
    },
    integer: { ...bounds({ type: 'integer' }), description: 'Every integer from low to high alike, both included.' },
    choice: { ...values, description: 'Every entry alike.' },
  },
};

const combined = {
  zip: {
    type: 'object',
    description: 'Lists of one length that are gone through in step.',
    expected: 'a mapping from paths to lists of values',
    minProperties: 1,
    additionalProperties: values,
  },
  random: {
    type: 'object',
    description: 'Points drawn at random.',
    additionalProperties: false,
    required: ['samples', 'space'],
    properties: {
      samples: { type: 'integer', minimum: 1, maximum: maxPoints, description: 'How many points are drawn.' },
      seed: {
        type: 'integer',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 1,
        description: 'What is drawn depends on it, on the path and on the number of the sample.',
      },
      space: {
        type: 'object',
        description: 'A distribution for each path.',
        expected: 'a mapping from paths to distributions',
        minProperties: 1,
        additionalProperties: distribution,
      },
    },
  },
} as const satisfies Record<string, JsonSchema>;

/**
 * The sweep of a spec: lists to go through, `zip` for lists in step, `random` for samples, `cases` for sweeps one after
 * another. Paths are checked elsewhere.
 */
export const sweepSchema: JsonSchema = {
  type: 'object',
  description:
    'One run for each combination of values: { path: [values], zip: { path: [values], … }, random: { samples, space }, cases: [sweep, …] }.',
  default: {},
  properties: {
    ...combined,
    cases: {
      type: 'array',
      description: 'Sweeps one after another, such as one for each strategy, each combined with what stands beside.',
      expected: 'a list of sweeps, at least one',
      minItems: 1,
      items: {
        type: 'object',
        description: 'What a sweep may hold, other than cases.',
        expected: 'a mapping from paths to lists of values',
        minProperties: 1,
        properties: combined,
        additionalProperties: values,
      },
    },
  },
  additionalProperties: values,
};
