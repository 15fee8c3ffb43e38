import { type Builder, type Graph, operand, type Pair, rewrite, sizeOf, type Value } from '../ir/index.js';
import { apart, seenFrom } from './images.js';

/**
 * Depthwise convolutions as TensorFlow has them without oneDNN, which is how it may run elsewhere: it knows strides that are alike along
 * both axes only, and no dilations. Other strides become 1, and a dilated filter one with zeros between its elements.
 */
export function plainDepthwise(graph: Graph): Graph {
  return rewrite(graph, (value, operands, builder) => {
    if (value.op !== 'depthwiseConv2d') return undefined;
    const { attributes, shape } = value;
    const { strides, dilations } = attributes;
    const isDilated = dilations.some((dilation) => dilation !== 1);
    const isEqual = strides[0] === strides[1];
    if (isEqual && !isDilated) return undefined;
    const [x, given] = [operand(operands, 0), operand(operands, 1)];
    const filter = isDilated ? dilated(builder, given, dilations) : given;
    const convolve = (by: Pair): Value =>
      builder.make('depthwiseConv2d', [x, filter], { ...attributes, strides: by, dilations: [1, 1] });
    return isEqual ? convolve(strides) : seenFrom(builder, convolve([1, 1]), [0, 0], strides, shape);
  });
}

/** `[height, width, in, multiplier]` with zeros where the dilated filter does not look. */
function dilated(builder: Builder, filter: Value, dilations: Pair): Value {
  const [height = 1, width = 1, ...channels] = filter.shape;
  const depth = sizeOf(channels);
  const image = builder.make('reshape', [filter], { shape: [1, height, width, depth] });
  const reach = [(height - 1) * dilations[0] + 1, (width - 1) * dilations[1] + 1];
  const spread = apart(builder, image, dilations);
  const cut = builder.make('slice', [spread], { begin: [0, 0, 0, 0], size: [1, ...reach, depth] });
  return builder.make('reshape', [cut], { shape: [...reach, ...channels] });
}
