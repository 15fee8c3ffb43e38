import type { JsonSchema } from './json-schema.js';

/** The structure of `evaluate`; `metric` is the slot of a metric. */
export function evaluateSchema(metric: JsonSchema): JsonSchema {
  return {
    type: 'object',
    description: 'When results are measured, and which.',
    additionalProperties: false,
    default: {},
    properties: {
      every: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000_000,
        default: 1,
        description: 'Rounds (epochs for centralized) from one evaluation to the next; the last is always evaluated.',
      },
      metrics: {
        type: 'array',
        description: 'What is measured beside accuracy and loss, in every arm.',
        maxItems: 16,
        items: metric,
        default: [],
      },
    },
  };
}

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
    at: {
      enum: ['last', 'best'],
      default: 'last',
      description: 'Its last value, or its best: the highest, of a loss the lowest.',
    },
    within: {
      type: 'array',
      items: { type: 'number' },
      minItems: 2,
      maxItems: 2,
      expected: 'a list [low, high]',
      description: 'The lowest and the highest value that pass, both included.',
    },
  },
};
