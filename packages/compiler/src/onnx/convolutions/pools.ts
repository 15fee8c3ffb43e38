/** Pools with windows side by side, of rows that come in the order of the places within a window. */
import { type Builder, type OpAttributes, operand, sizeOf, type Value, type ValueOf } from '../../ir/index.js';
import { rowsOf, type Site } from './gather-patches.js';

/** The first element of every window of each image, the second of every one, and so on: `[batch, 1, windows, channels]` each. */
function slicesOf(builder: Builder, rows: Value, { size }: OpAttributes['maxPool'], batch: number): readonly Value[] {
  const [elements, channels] = [sizeOf(size), rows.shape[1] ?? 1];
  const windows = (rows.shape[0] ?? 1) / batch / elements;
  const byElement = builder.make('reshape', [rows], { shape: [batch, elements, windows, channels] });
  return Array.from({ length: elements }, (_, i) =>
    builder.make('slice', [byElement], { begin: [0, i, 0, 0], size: [batch, 1, windows, channels] }),
  );
}

/** The maximum of slices. */
export function pool({ builder, operands }: Site, value: ValueOf<'maxPool'>): Value {
  const slices = slicesOf(builder, operand(operands, 0), value.attributes, value.shape[0] ?? 1);
  const highest = slices.reduce((a, b) => builder.make('max', [a, b], {}));
  return builder.make('reshape', [highest], { shape: value.shape });
}

/** Whoever equals the maximum takes what the ones before have left of the gradient, in tfjs's order. */
export function poolGradient({ builder, operands }: Site, value: ValueOf<'maxPoolGradient'>): Value {
  const [dy, x, y] = [operand(operands, 0), operand(operands, 1), operand(operands, 2)];
  const slices = slicesOf(builder, x, value.attributes, y.shape[0] ?? 1);
  const { shape } = operand(slices, 0);
  const highest = builder.make('reshape', [y], { shape });
  let left = builder.make('reshape', [dy], { shape });
  const taken = slices.map((slice, i) => {
    // One of them is the maximum.
    if (i === slices.length - 1) return left;
    const isHighest = builder.make('cast', [builder.make('equal', [slice, highest], {})], { dtype: 'float32' });
    const part = builder.make('mul', [left, isHighest], {});
    left = builder.make('sub', [left, part], {});
    return part;
  });
  return rowsOf(builder, builder.make('concat', taken, { axis: 1 }));
}
