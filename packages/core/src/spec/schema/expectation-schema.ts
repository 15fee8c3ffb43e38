import type { JsonSchema } from './json-schema.js';

/** Which figure of a metric is meant. */
const at: JsonSchema = {
  description:
    'Which figure of the metric: its last value; its best (the highest, of a loss the lowest); its value in a step; or a mapping with meanOfLast or roundsTo.',
  default: 'last',
  if: { type: ['string', 'number'] },
  then: {
    anyOf: [{ enum: ['last', 'best'] }, { type: 'integer', minimum: 1, maximum: 1_000_000 }],
    expected: 'last, best, a step, or a mapping with meanOfLast or roundsTo',
  },
  else: {
    type: 'object',
    expected: 'last, best, a step, or a mapping with either meanOfLast or roundsTo',
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    properties: {
      meanOfLast: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000_000,
        description: 'The mean of so many of its last values.',
      },
      roundsTo: {
        type: 'number',
        description:
          'The rounds (epochs for centralized) until its best value so far reaches this one, a loss from above; interpolated between evaluations (McMahan et al. 2017, section 3). An arm that never reaches it misses the expectation.',
      },
    },
  },
};

/** The structure of an entry of `expect`. */
export const expectationSchema: JsonSchema = {
  type: 'object',
  description: 'A result that is checked when the run ends; a missed one makes the exit code 3.',
  additionalProperties: false,
  required: ['arm', 'metric', 'within'],
  properties: {
    arm: { type: 'string', description: 'federated, or the name of a control.' },
    metric: {
      type: 'string',
      minLength: 1,
      description: 'A metric key, e.g. test/accuracy or clients/own-test/accuracy/p10.',
    },
    at,
    within: {
      type: 'array',
      items: { type: 'number' },
      minItems: 2,
      maxItems: 2,
      expected: 'a list [low, high]',
      description: 'The lowest and the highest value that pass, both included.',
    },
    published: {
      type: 'number',
      description: 'The figure that others report, in the same units; shown beside ours, and no part of the check.',
    },
    source: { type: 'string', minLength: 1, description: 'Where it is published; goes with published.' },
  },
};
