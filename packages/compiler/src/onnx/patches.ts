import type { Pair, Shape, Window } from '../ir/index.js';

/** Places of a convolution's output, `[batch, rows, columns]`, in the order in which a product computes them. */
export interface Placement {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  /**
   * Size of the windows of the pool that follows; `[1, 1]` where none does. The first element of every window comes
   * first, then the second of every one, and so on; what lies in no window is left out.
   */
  readonly pool: Pair;
}

/** How many places there are. */
export function countPlaces({ batch, rows, columns, pool }: Placement): number {
  return batch * Math.floor(rows / pool[0]) * pool[0] * Math.floor(columns / pool[1]) * pool[1];
}

/** Calls `visit` with every place, in order. */
function forEachPlace(placement: Placement, visit: (batch: number, row: number, column: number) => void): void {
  const { batch, rows, columns, pool } = placement;
  const [down, across] = [Math.floor(rows / pool[0]), Math.floor(columns / pool[1])];
  for (let i = 0; i < pool[0]; i++)
    for (let j = 0; j < pool[1]; j++)
      for (let b = 0; b < batch; b++)
        for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) visit(b, y * pool[0] + i, x * pool[1] + j);
}

/** Number of each place by batch, row and column; `none` for those that are left out. */
export function placeNumbers(placement: Placement, none: number): Int32Array {
  const { batch, rows, columns } = placement;
  const numbers = new Int32Array(batch * rows * columns).fill(none);
  let next = 0;
  forEachPlace(placement, (b, row, column) => {
    numbers[(b * rows + row) * columns + column] = next++;
  });
  return numbers;
}

/**
 * Of which pixel of the images `[batch, height, width, channels]` each element of each place's window is, as a matrix
 * of places and elements. Beyond the border it is the number of the pixels, where a row of zeros lies.
 */
export function inputPatches(
  [batch = 1, height = 1, width = 1]: Shape,
  size: Pair,
  { strides, paddings, dilations }: Window & { readonly dilations: Pair },
  placement: Placement,
): Int32Array {
  const none = batch * height * width;
  const indices = new Int32Array(countPlaces(placement) * size[0] * size[1]);
  let next = 0;
  forEachPlace(placement, (b, row, column) => {
    for (let i = 0; i < size[0]; i++) {
      const y = row * strides[0] - paddings[0][0] + i * dilations[0];
      for (let j = 0; j < size[1]; j++) {
        const x = column * strides[1] - paddings[1][0] + j * dilations[1];
        const isInside = y >= 0 && y < height && x >= 0 && x < width;
        indices[next++] = isInside ? (b * height + y) * width + x : none;
      }
    }
  });
  return indices;
}

/**
 * Of which place each element of a filter took part in the pixels of image `image`, for strides of one: a matrix of
 * pixels and elements. Where there is none it is the number of the places, where a row of zeros lies.
 */
export function gradientPatches(
  [, height = 1, width = 1]: Shape,
  size: Pair,
  { paddings }: Window,
  placement: Placement,
  numbers: Int32Array,
  image: number,
): Int32Array {
  const { rows, columns } = placement;
  const none = countPlaces(placement);
  const indices = new Int32Array(height * width * size[0] * size[1]);
  let next = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++) {
          const [row, column] = [y + paddings[0][0] - i, x + paddings[1][0] - j];
          const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
          indices[next++] = isInside ? (numbers[(image * rows + row) * columns + column] ?? none) : none;
        }
  return indices;
}
