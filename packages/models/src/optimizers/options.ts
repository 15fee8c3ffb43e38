/** Options that several optimizers have. */

export const learningRate = {
  type: 'number',
  exclusiveMinimum: 0,
  description: 'Step size: what a gradient is multiplied by, above 0.',
} as const;

export const weightDecay = {
  type: 'number',
  minimum: 0,
  default: 0,
  description: 'L2 penalty: this times the parameter is added to its gradient.',
} as const;

export const epsilon = {
  type: 'number',
  exclusiveMinimum: 0,
  default: 1e-8,
  description: 'Keeps the division finite.',
} as const;

const decayRate = { type: 'number', minimum: 0, exclusiveMaximum: 1 } as const;

export const beta1 = { ...decayRate, default: 0.9, description: 'Decay of the mean gradient.' } as const;

export const beta2 = { ...decayRate, default: 0.999, description: 'Decay of the mean squared gradient.' } as const;

export const rho = { ...decayRate, default: 0.9, description: 'Decay of the mean squared gradient.' } as const;
