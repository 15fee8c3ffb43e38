import {
  type Builder,
  type Graph,
  operand,
  type Pair,
  type Rule,
  rewrite,
  type Value,
  type Window,
} from '../ir/index.js';
import { mapScanBodies } from '../passes/scan-bodies.js';
import { apart } from './images.js';

/** TensorFlow's gradients of depthwise convolutions know strides that are alike along both axes only: others become 1. */
export function equalStrides(graph: Graph): Graph {
  return mapScanBodies(rewriteStrides(graph), rewriteStrides);
}

function rewriteStrides(graph: Graph): Graph {
  const rule: Rule = (value, operands, builder) => {
    switch (value.op) {
      case 'depthwiseConv2dInputGradient': {
        const { attributes } = value;
        if (isEqual(attributes)) return undefined;
        const [gradient, filter] = [operand(operands, 0), operand(operands, 1)];
        const dy = atEveryPixel(builder, gradient, attributes, attributes.inputShape, filter.shape);
        return builder.make(value.op, [dy, filter], { ...attributes, strides: [1, 1] });
      }
      case 'depthwiseConv2dFilterGradient': {
        const { attributes } = value;
        if (isEqual(attributes)) return undefined;
        const [x, gradient] = [operand(operands, 0), operand(operands, 1)];
        const dy = atEveryPixel(builder, gradient, attributes, x.shape, attributes.filterShape);
        return builder.make(value.op, [x, dy], { ...attributes, strides: [1, 1] });
      }
      default:
        return undefined;
    }
  };
  return rewrite(graph, rule);
}

function isEqual({ strides: [down, across] }: Window): boolean {
  return down === across;
}

/** The gradient of the output as if a window began at every pixel: zero for those at which none does. */
function atEveryPixel(
  builder: Builder,
  dy: Value,
  { strides, paddings }: Window,
  [, height = 1, width = 1]: readonly number[],
  [rows = 1, columns = 1]: readonly number[],
): Value {
  const windows: Pair = [
    height + paddings[0][0] + paddings[0][1] - rows + 1,
    width + paddings[1][0] + paddings[1][1] - columns + 1,
  ];
  const spread = apart(builder, dy, strides);
  const [batch = 1, down = 1, across = 1, channels = 1] = spread.shape;
  const size = [batch, Math.min(down, windows[0]), Math.min(across, windows[1]), channels];
  const cut = builder.make('slice', [spread], { begin: [0, 0, 0, 0], size });
  return builder.make('pad', [cut], {
    paddings: [
      [0, 0],
      [0, windows[0] - (size[1] ?? 0)],
      [0, windows[1] - (size[2] ?? 0)],
      [0, 0],
    ],
    value: 0,
  });
}
