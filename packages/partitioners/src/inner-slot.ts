/** An option that chooses another partitioner, with its options beside `use`. */
export const innerSlot = {
  type: 'object',
  required: ['use'],
  properties: { use: { type: 'string', minLength: 1, description: 'Which partitioner.' } },
  slot: 'partitioner',
  description: 'Another partitioner, with its options.',
} as const;
