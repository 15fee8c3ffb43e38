import { defineModel, FedxError, type Random } from '@fedx/core';

/** Width of one dense layer: `units` outputs of `inputs` inputs. */
interface Layer {
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
}

/**
 * Multilayer perceptron: the input is flattened to `[batch, features]`, each hidden layer is
 * `activation(x · kernel + bias)`, and a last dense layer of `classes` units gives the logits.
 * Layers are named `dense-1`, `dense-2`, … from the input on; a `kernel` is `[inputs, units]`, a `bias` `[units]`.
 * Kernels start Glorot-uniform, biases at zero. `hidden: []` is softmax regression.
 */
export const mlp = defineModel({
  name: 'mlp',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      hidden: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        default: [128],
        description: 'Units of each hidden layer, from the input on.',
      },
      activation: {
        type: 'string',
        enum: ['relu', 'tanh', 'sigmoid'],
        default: 'relu',
        description: 'Applied after each hidden layer.',
      },
    },
  },
  create: ({ hidden, activation }, { inputShape, classes }) => {
    const features = inputShape.reduce((product, size) => product * size, 1);
    const layers = denseLayers([features, ...hidden, classes]);
    return {
      init: (random) =>
        Object.fromEntries(
          layers.flatMap(({ name, inputs, units }) => [
            [
              `${name}/kernel`,
              { shape: [inputs, units], data: glorotUniform(random.at(`${name}/kernel`), inputs, units) },
            ],
            [`${name}/bias`, { shape: [units], data: new Float32Array(units) }],
          ]),
        ),
      apply: ({ tf, parameters, inputs }) => {
        let x = tf.reshape(inputs, [-1, features]);
        layers.forEach(({ name }, index) => {
          const { [`${name}/kernel`]: kernel, [`${name}/bias`]: bias } = parameters;
          if (kernel === undefined || bias === undefined) throw missing(name);
          x = tf.add(tf.matMul(x, kernel), bias);
          if (index < layers.length - 1) x = tf[activation](x);
        });
        return { logits: x };
      },
    };
  },
});

/** The layers between consecutive widths, e.g. `[784, 128, 10]` makes two. */
function denseLayers(widths: readonly number[]): Layer[] {
  return widths.slice(1).map((units, index) => ({ name: `dense-${index + 1}`, inputs: widths[index] ?? 0, units }));
}

/** Uniform in ±sqrt(6 / (inputs + units)), row-major `[inputs, units]` (Glorot and Bengio 2010, equation 16). */
function glorotUniform(random: Random, inputs: number, units: number): Float32Array {
  const limit = Math.sqrt(6 / (inputs + units));
  return Float32Array.from({ length: inputs * units }, () => (2 * random.uniform() - 1) * limit);
}

function missing(layer: string): FedxError {
  return new FedxError('FEDX_PLUGIN_FAILED', `There are no parameters for layer ${layer}.`, {
    place: { plugin: 'mlp' },
  });
}
