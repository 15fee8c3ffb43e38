import type { JsonSchema } from './json-schema.js';

const share = { type: 'number', minimum: 0, maximum: 1 } as const;

/** The structure of `environment`; `attack` is the slot of what attackers do. */
export function environmentSchema(attack: JsonSchema): JsonSchema {
  return {
    type: 'object',
    description: 'What befalls clients, drawn alike for every strategy.',
    additionalProperties: false,
    default: {},
    properties: {
      stragglers: {
        type: 'object',
        description: 'Clients that do not come to do all of their local work.',
        additionalProperties: false,
        required: ['share'],
        properties: {
          share: { ...share, description: 'Of each cohort.' },
          work: {
            description:
              'What a straggler comes to do: epochs drawn from 1 to client.epochs (or steps to client.steps), or a share of its local steps.',
            anyOf: [{ const: 'uniform-epochs' }, { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }],
            default: 'uniform-epochs',
          },
          policy: {
            enum: ['partial', 'drop'],
            default: 'partial',
            description: 'Whether stragglers send what they came to do, or are left out of the round.',
          },
        },
      },
      dropouts: {
        type: 'object',
        description: 'Clients of a cohort whose update never arrives.',
        additionalProperties: false,
        required: ['probability'],
        properties: {
          probability: {
            type: 'number',
            minimum: 0,
            exclusiveMaximum: 1,
            description: 'Of each client of a cohort, in each round.',
          },
        },
      },
      attackers: {
        type: 'object',
        description: 'Clients that are malicious, in all rounds: a share of them or a list.',
        expected: 'a mapping with attack, and either share or clients',
        additionalProperties: false,
        required: ['attack'],
        // Of a mapping messages say which keys there are to choose from, of all else what is expected.
        allOf: [
          {
            if: { type: 'object' },
            then: {
              type: 'object',
              oneOf: [
                { properties: { share: {} }, required: ['share'] },
                { properties: { clients: {} }, required: ['clients'] },
              ],
            },
          },
        ],
        properties: {
          share: { ...share, description: 'Of all clients.' },
          clients: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { type: 'integer', minimum: 0 },
            description: 'Client numbers, from 0.',
          },
          attack,
        },
      },
    },
  };
}
