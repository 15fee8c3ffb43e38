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
