import type { Builder, Pair, Shape, Value, Window } from '../ir/index.js';

/** Images with a border of `filler`. */
export function around(builder: Builder, x: Value, [rows, columns]: Window['paddings'], filler: number): Value {
  return builder.make('pad', [x], { paddings: [[0, 0], rows, columns, [0, 0]], value: filler });
}

/** What every window sees at one of its positions: of `shape`, from the pixel `[row, column]` on. */
export function seenFrom(builder: Builder, x: Value, [row, column]: Pair, [down, across]: Pair, shape: Shape): Value {
  return builder.make('stridedSlice', [x], {
    begin: [0, row, column, 0],
    strides: [1, down, across, 1],
    size: shape,
  });
}

/** Images with zeros after each pixel, so that pixel p lies at p times the stride. */
export function apart(builder: Builder, x: Value, [down, across]: Pair): Value {
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
