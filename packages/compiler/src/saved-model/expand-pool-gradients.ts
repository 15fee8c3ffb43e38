import {
  type Builder,
  type Graph,
  operand,
  type Rule,
  rewrite,
  type Shape,
  type Value,
  type ValueOf,
} from '../ir/index.js';

/**
 * The gradient of a maximum over windows from simple operations: XLA's own adds up in any order on a GPU, or refuses.
 * Window by window position, in the order of tfjs: whoever equals the maximum takes what is left of the gradient.
 */
export function expandPoolGradients(graph: Graph): Graph {
  const expand: Rule = (value, operands, builder) =>
    value.op === 'maxPoolGradient' ? poolGradient(builder, operands, value) : undefined;
  return rewrite(graph, expand);
}

function poolGradient(builder: Builder, operands: readonly Value[], value: ValueOf<'maxPoolGradient'>): Value {
  const [dy, x, y] = [operand(operands, 0), operand(operands, 1), operand(operands, 2)];
  const { size, strides, paddings } = value.attributes;
  const [batch = 1, height = 1, width = 1, channels = 1] = value.shape;
  const [, rows = 1, columns = 1] = dy.shape;
  const [[top], [left]] = paddings;
  /** Of the images with their border, as far as any position reaches. */
  const reach = [
    Math.max(rows * strides[0] + size[0] - 1, top + height),
    Math.max(columns * strides[1] + size[1] - 1, left + width),
  ] as const;
  const around = (x_: Value, before: readonly [number, number], filler: number): Value => {
    const [, h = 1, w = 1] = x_.shape;
    const after = [reach[0] - before[0] - h, reach[1] - before[1] - w] as const;
    const all = [
      [0, 0],
      [before[0], after[0]],
      [before[1], after[1]],
      [0, 0],
    ] as const;
    return builder.make('pad', [x_], { paddings: all, value: filler });
  };
  const whole = around(x, [top, left], -Infinity);
  let rest = dy;
  let sum: Value | undefined;
  for (let i = 0; i < size[0]; i++) {
    for (let j = 0; j < size[1]; j++) {
      const position = builder.make('stridedSlice', [whole], {
        begin: [0, i, j, 0],
        strides: [1, strides[0], strides[1], 1],
        size: dy.shape,
      });
      const isMaximum = builder.make('cast', [builder.make('equal', [position, y], {})], { dtype: 'float32' });
      const taken = builder.make('mul', [rest, isMaximum], {});
      rest = builder.make('sub', [rest, taken], {});
      const put = around(apart(builder, taken, strides), [i, j], 0);
      sum = sum === undefined ? put : builder.make('add', [sum, put], {});
    }
  }
  return builder.make('slice', [sum ?? whole], { begin: [0, top, left, 0], size: [batch, height, width, channels] });
}

/** Images with zeros after each pixel, so that pixel p lies at p times the stride. */
function apart(builder: Builder, x: Value, [down, across]: readonly [number, number]): Value {
  const [batch = 1, rows = 1, columns = 1, channels = 1] = x.shape;
  const single: Shape = [batch, rows, 1, columns, 1, channels];
  const spread = builder.make('pad', [builder.make('reshape', [x], { shape: single })], {
    paddings: [
      [0, 0],
      [0, 0],
      [0, down - 1],
      [0, 0],
      [0, across - 1],
      [0, 0],
    ],
    value: 0,
  });
  return builder.make('reshape', [spread], { shape: [batch, rows * down, columns * across, channels] });
}
