import { defineModel, FedxError, initialisers } from '@fedx/core';
import {
  activation,
  conv,
  dense,
  globalAveragePool,
  groupNorm,
  imageShape,
  type Layer,
  modelOf,
  sequence,
} from './layers/index.js';

/**
 * Residual network of basic blocks for small images (He et al. 2016, section 4.2) with group instead of batch
 * normalisation, which does not mix clients' statistics (Hsieh et al. 2020, section 5.2). A 3x3 convolution of `width`
 * channels, then stages of blocks; each stage but the first halves the image and doubles the channels. The default has
 * the sizes of ResNet-18: 11,173,962 parameters on CIFAR-10.
 */
export const resnetGn = defineModel({
  name: 'resnet-gn',
  options: {
    type: 'object',
    description: 'Residual network for small images with group normalisation; by default as large as ResNet-18.',
    additionalProperties: false,
    properties: {
      stages: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        minItems: 1,
        default: [2, 2, 2, 2],
        description: 'Blocks of each stage.',
      },
      width: { type: 'integer', minimum: 1, default: 64, description: 'Channels of the first stage.' },
      groups: {
        type: 'integer',
        minimum: 1,
        default: 32,
        description: 'Groups of channels that are normalised alike; divides width.',
      },
    },
  },
  create({ stages, width, groups }, shape) {
    const { channels } = imageShape('resnet-gn', shape, 2 ** (stages.length - 1));
    if (width % groups !== 0) {
      throw new FedxError(
        'FEDX_MODEL_SHAPE',
        `The model resnet-gn cannot cut ${width} channels into ${groups} groups.`,
        {
          place: { plugin: 'resnet-gn' },
          hint: 'Let model.groups divide model.width.',
        },
      );
    }
    const blocks: Layer[] = [];
    let inputs = width;
    stages.forEach((count, stage) => {
      const filters = width * 2 ** stage;
      for (let i = 0; i < count; i++) {
        const stride = stage > 0 && i === 0 ? 2 : 1;
        blocks.push(block(`stage-${stage + 1}/block-${i + 1}`, { inputs, filters, stride, groups }));
        inputs = filters;
      }
    });
    const body = sequence([
      conv('conv-1', { size: 3, inputs: channels, filters: width, bias: false, initialiser: initialisers.heNormal }),
      groupNorm('norm-1', width, groups),
      activation('relu'),
      ...blocks,
      globalAveragePool(),
    ]);
    return modelOf(body, dense('dense-1', inputs, shape.classes));
  },
});

interface BlockOptions {
  readonly inputs: number;
  readonly filters: number;
  readonly stride: number;
  readonly groups: number;
}

/** relu(F(x) + shortcut(x)), F two 3x3 convolutions; the shortcut is a 1x1 convolution where the shape changes. */
function block(name: string, { inputs, filters, stride, groups }: BlockOptions): Layer {
  const convNorm = (part: string, size: number, from: number, step: number): Layer =>
    sequence([
      conv(`${name}/conv-${part}`, {
        size,
        inputs: from,
        filters,
        stride: step,
        bias: false,
        initialiser: initialisers.heNormal,
      }),
      groupNorm(`${name}/norm-${part}`, filters, groups),
    ]);
  const path = sequence([convNorm('1', 3, inputs, stride), activation('relu'), convNorm('2', 3, filters, 1)]);
  const shortcut = stride === 1 && inputs === filters ? sequence([]) : convNorm('shortcut', 1, inputs, stride);
  return {
    parameters: { ...path.parameters, ...shortcut.parameters },
    apply: (x, call) => call.tf.relu(call.tf.add(path.apply(x, call), shortcut.apply(x, call))),
  };
}
