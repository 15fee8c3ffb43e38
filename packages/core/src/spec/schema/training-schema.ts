import type { JsonSchema } from './json-schema.js';

/** How a client trains, other than its optimizer and schedule: what a control may lay over it as well. */
export const trainingOptions = {
  epochs: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    description: 'Local epochs a round: how often a client goes over its own examples.',
  },
  steps: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    description: 'Local steps a round, instead of epochs: a client goes over its examples until so many are taken.',
  },
  batchSize: {
    description: 'Examples a step; all is full batch. A client with fewer makes one short batch.',
    anyOf: [{ type: 'integer', minimum: 1, maximum: 65_536 }, { const: 'all' }],
  },
  lastBatch: {
    enum: ['keep', 'drop'],
    description: 'What becomes of examples that do not fill a last batch: one short step, or left out for this epoch.',
  },
  optimizerState: { const: 'reset', description: 'Optimizer slots start at zero each round.' },
  clip: {
    type: 'object',
    description: "Bounds on each step's gradient; the strategy's rule is in it.",
    additionalProperties: false,
    properties: {
      norm: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'Largest Euclidean norm over all parameters; a longer gradient is scaled down to it.',
      },
      value: { type: 'number', exclusiveMinimum: 0, description: 'Largest absolute value of each entry.' },
    },
  },
  onFailure: {
    enum: ['fail', 'exclude', 'retry'],
    description:
      'What becomes of a client that fails in a round: the run fails, or the client is left out; retry tries it again first.',
  },
  timeout: {
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 86_400,
    description: "Seconds that each piece of a client's round may take; a client that takes longer has failed.",
  },
  maxUpdateNorm: {
    type: 'number',
    exclusiveMinimum: 0,
    description: 'Euclidean norm of an update past which the client has failed.',
  },
} as const satisfies Record<string, JsonSchema>;
