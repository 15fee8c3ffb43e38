/** The option of every dataset that comes with a test set of its own. */
export const splitOption = {
  type: 'string',
  enum: ['pooled', 'standard'],
  default: 'pooled',
  description:
    'pooled: all examples, the experiment chooses the holdout. standard: the published test examples are the test set.',
} as const;
