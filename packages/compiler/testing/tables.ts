import type { TableSpec } from '../src/index.js';

/** A number in [0, 1) for each `i`, the same on every machine. */
export const scattered = (i: number): number => ((i + 1) * 0.6180339887) % 1;

/** Images of bytes, `[examples, ...rowShape]`, and labels of `classes` classes. */
export function imageTables(examples: number, rowShape: readonly number[], classes: number): readonly TableSpec[] {
  const features = rowShape.reduce((product, axis) => product * axis, 1);
  return [
    {
      name: 'inputs',
      rows: examples,
      rowShape,
      as: { dtype: 'float32', scale: 1 / 255 },
      content: Uint8Array.from({ length: examples * features }, (_, i) => 256 * scattered(i)),
    },
    {
      name: 'labels',
      rows: examples,
      rowShape: [],
      as: { dtype: 'int32' },
      content: Uint8Array.from({ length: examples }, (_, i) => classes * scattered(7 * i)),
    },
  ];
}
