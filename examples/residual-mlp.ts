import { defineModel, type ParameterTensor, type Random } from '@fedx/core';

/**
 * A multilayer perceptron with identity shortcuts (He, Zhang, Ren and Sun 2016, arXiv 1512.03385, equation 1):
 *
 *     h = relu(x · W + b);  h = h + relu(h · W + b) for each block;  logits = h · W + b
 *
 * Kernels start normal with variance 2 / inputs (He et al. 2015), those of the blocks divided by their number; biases at zero.
 */
export default defineModel({
  name: 'residual-mlp',
  options: {
    type: 'object',
    description: 'Dense layers of one width with identity shortcuts (He et al. 2016).',
    additionalProperties: false,
    properties: {
      width: { type: 'integer', minimum: 1, default: 64, description: 'Units of each hidden layer.' },
      blocks: { type: 'integer', minimum: 0, maximum: 100, default: 2, description: 'Layers with a shortcut.' },
    },
  },
  create: ({ width, blocks }, { inputShape, classes }) => {
    const features = inputShape.reduce((product, size) => product * size, 1);
    const names = Array.from({ length: blocks }, (_, block) => `block-${block + 1}`);
    return {
      init: (random) => {
        const parameters: Record<string, ParameterTensor> = layer(random, 'input', features, width, 1);
        for (const name of names) Object.assign(parameters, layer(random, name, width, width, 1 / blocks));
        return Object.assign(parameters, layer(random, 'output', width, classes, 1));
      },
      apply: ({ tf, parameters, inputs }) => {
        const dense = (x: typeof inputs, name: string): typeof inputs => {
          const { [`${name}/kernel`]: kernel, [`${name}/bias`]: bias } = parameters;
          if (kernel === undefined || bias === undefined) throw new TypeError(`There is no layer ${name}.`);
          return tf.add(tf.matMul(x, kernel), bias);
        };
        let h = tf.relu(dense(tf.reshape(inputs, [-1, features]), 'input'));
        for (const name of names) h = tf.add(h, tf.relu(dense(h, name)));
        return { logits: dense(h, 'output') };
      },
    };
  },
});

/** Kernel `[inputs, units]` and bias `[units]` of one layer, each from a stream of its own. */
function layer(random: Random, name: string, inputs: number, units: number, scale: number) {
  const stream = random.at(`${name}/kernel`);
  const deviation = scale * Math.sqrt(2 / inputs);
  const kernel = Float32Array.from({ length: inputs * units }, () => deviation * stream.normal());
  return {
    [`${name}/kernel`]: { shape: [inputs, units], data: kernel },
    [`${name}/bias`]: { shape: [units], data: new Float32Array(units) },
  };
}
