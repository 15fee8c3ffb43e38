import { type Initialiser, initialisers, type Tensor, type Tf } from '@fedx/core';
import { type Layer, parameterOf } from './layer.js';

/** Zero, but one for the forget gate: a fresh cell remembers (Jozefowicz, Zaremba and Sutskever 2015). */
const rememberingBias: Initialiser = (_, shape) => {
  const units = (shape[0] ?? 0) / 4;
  return { shape, data: Float32Array.from({ length: 4 * units }, (_value, i) => Number(i >= units && i < 2 * units)) };
};

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates of Gers et al. 2000): from sequences
 * `[batch, length, features]` to the last hidden state `[batch, units]`. With [i f g o] = x W + h U + b:
 *
 *     c = sigmoid(f) c + sigmoid(i) tanh(g);   h = sigmoid(o) tanh(c)
 */
export function lstm(name: string, length: number, features: number, units: number): Layer {
  const [kernel, recurrent, bias] = [`${name}/kernel`, `${name}/recurrent`, `${name}/bias`];
  return {
    parameters: {
      [kernel]: { shape: [features, 4 * units], initialiser: initialisers.glorotUniform },
      [recurrent]: { shape: [units, 4 * units], initialiser: initialisers.orthogonal() },
      [bias]: { shape: [4 * units], initialiser: rememberingBias },
    },
    apply(x, call) {
      const { tf } = call;
      const [batch = 0] = x.shape;
      // What the inputs give to the gates does not wait for the state: one product for all steps.
      const byStep = tf.reshape(tf.transpose(x, [1, 0, 2]), [length * batch, features]);
      const gates = tf.add(tf.matMul(byStep, parameterOf(call, kernel)), parameterOf(call, bias));
      const states = call.recurrence({
        step: (state, input, { u }) => lstmStep(tf, units, state, input, u as Tensor),
        initial: tf.zeros([batch, 2 * units]),
        inputs: tf.reshape(gates, [length, batch, 4 * units]),
        weights: { u: parameterOf(call, recurrent) },
      });
      return tf.reshape(tf.slice(states, [length - 1, 0, 0], [1, batch, units]), [batch, units]);
    },
  };
}

/** The next `[h c]` from `[h c]` and what the inputs give to the gates. */
function lstmStep(tf: Tf, units: number, state: Tensor, input: Tensor, recurrent: Tensor): Tensor {
  const part = (x: Tensor, i: number) => tf.slice(x, [0, i * units], [-1, units]);
  const gates = tf.add(input, tf.matMul(part(state, 0), recurrent));
  const written = tf.mul(tf.sigmoid(part(gates, 0)), tf.tanh(part(gates, 2)));
  const cell = tf.add(tf.mul(tf.sigmoid(part(gates, 1)), part(state, 1)), written);
  return tf.concat([tf.mul(tf.sigmoid(part(gates, 3)), tf.tanh(cell)), cell], 1);
}
