import { type Initialiser, initialisers } from '@fedx/core';
import { type Layer, parameterOf, stateless } from './layer.js';

/** `x · kernel + bias`, from `[batch, inputs]` to `[batch, units]`. */
export function dense(
  name: string,
  inputs: number,
  units: number,
  initialiser: Initialiser = initialisers.glorotUniform,
): Layer {
  return {
    parameters: {
      [`${name}/kernel`]: { shape: [inputs, units], initialiser },
      [`${name}/bias`]: { shape: [units], initialiser: initialisers.filled(0) },
    },
    apply: (x, call) =>
      call.tf.add(call.tf.matMul(x, parameterOf(call, `${name}/kernel`)), parameterOf(call, `${name}/bias`)),
  };
}

/** `[batch, …]` to `[batch, features]`. */
export function flatten(features: number): Layer {
  return stateless((x, { tf }) => tf.reshape(x, [-1, features]));
}

export function activation(name: 'relu' | 'tanh' | 'sigmoid'): Layer {
  return stateless((x, { tf }) => tf[name](x));
}
