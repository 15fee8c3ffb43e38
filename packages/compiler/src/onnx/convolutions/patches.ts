/** Tables of indices by which convolutions gather what their windows see. They are those of one image, but for the last one. */
import type { Pair, Shape, Window } from '../../ir/index.js';

/** Places of a convolution's output in an image, `[rows, columns]`, in the order in which a product computes them. */
export interface Placement {
  readonly rows: number;
  readonly columns: number;
  /**
   * Size of the windows of the pool that follows; `[1, 1]` where none does. The first element of every window
   * comes first, then the second of every one, and so on; what lies in no window is left out.
   */
  readonly pool: Pair;
}

type ConvolutionWindow = Window & { readonly dilations: Pair };

export function isPlain({ pool: [down, across] }: Placement): boolean {
  return down === 1 && across === 1;
}

/** How many places there are. */
export function countPlaces({ rows, columns, pool }: Placement): number {
  return Math.floor(rows / pool[0]) * pool[0] * Math.floor(columns / pool[1]) * pool[1];
}

/** Windows of the pool, down and across. */
function poolWindows({ rows, columns, pool }: Placement): Pair {
  return [Math.floor(rows / pool[0]), Math.floor(columns / pool[1])];
}

/** Number of each place by row and column; `none` for those that are left out. */
export function placeNumbers(placement: Placement, none: number): Int32Array {
  const { rows, columns, pool } = placement;
  const [down, across] = poolWindows(placement);
  const numbers = new Int32Array(rows * columns).fill(none);
  for (let row = 0; row < down * pool[0]; row++)
    for (let column = 0; column < across * pool[1]; column++) {
      const element = (row % pool[0]) * pool[1] + (column % pool[1]);
      const window = Math.floor(row / pool[0]) * across + Math.floor(column / pool[1]);
      numbers[row * columns + column] = element * down * across + window;
    }
  return numbers;
}

/**
 * Of which pixel of `height` by `width` each element of each place's window is, as a matrix of places and elements. Beyond the
 * border it is the number of the pixels, where a row of zeros lies.
 */
export function inputPatches(
  [height, width]: Pair,
  size: Pair,
  { strides, paddings, dilations }: ConvolutionWindow,
  placement: Placement,
): Int32Array {
  const none = height * width;
  const { pool } = placement;
  const [down, across] = poolWindows(placement);
  const indices = new Int32Array(countPlaces(placement) * size[0] * size[1]);
  let next = 0;
  for (let element = 0; element < pool[0] * pool[1]; element++) {
    const [row, column] = [Math.floor(element / pool[1]), element % pool[1]];
    for (let window = 0; window < down * across; window++) {
      const top = (Math.floor(window / across) * pool[0] + row) * strides[0] - paddings[0][0];
      const left = ((window % across) * pool[1] + column) * strides[1] - paddings[1][0];
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++) {
          const y = top + i * dilations[0];
          const x = left + j * dilations[1];
          const isInside = y >= 0 && y < height && x >= 0 && x < width;
          indices[next++] = isInside ? y * width + x : none;
        }
    }
  }
  return indices;
}

/**
 * Of which place each element of a filter took part in each pixel of `height` by `width`, for strides of one: a matrix of pixels
 * and elements. Where there is none it is the number of the places, where a row of zeros lies.
 */
export function gradientPatches(
  [height, width]: Pair,
  size: Pair,
  { paddings }: Window,
  placement: Placement,
): Int32Array {
  const { rows, columns } = placement;
  const none = countPlaces(placement);
  const numbers = placeNumbers(placement, none);
  const indices = new Int32Array(height * width * size[0] * size[1]);
  let next = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++) {
          const row = y + paddings[0][0] - i;
          const column = x + paddings[1][0] - j;
          const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
          indices[next++] = isInside ? (numbers[row * columns + column] ?? none) : none;
        }
  return indices;
}

/**
 * The patches of images with few channels in two steps: a row of places, as one element of the filter sees it, is a run
 * of pixels' elements at equal distances. Runs start at few columns, and so are shared.
 */
export interface Runs {
  /** Of an image: height, width and channels. */
  readonly image: Shape;
  readonly size: Pair;
  readonly window: ConvolutionWindow;
  readonly placement: Placement;
  /** The columns where runs start. */
  readonly starts: readonly number[];
  /** How many runs an image has; the last one is of zeros. */
  readonly count: number;
  /** Elements of a run. */
  readonly length: number;
  /** Rows of an image's places, which are as many runs each. */
  readonly rows: number;
  readonly filterElements: number;
}

export function describeRuns(image: Shape, size: Pair, window: ConvolutionWindow, placement: Placement): Runs {
  const [height = 1, , channels = 1] = image;
  const { rows, columns, pool } = placement;
  const starts = new Set<number>();
  for (let column = 0; column < pool[1]; column++)
    for (let j = 0; j < size[1]; j++) starts.add(startOf(window, column, j));
  return {
    image,
    size,
    window,
    placement,
    starts: [...starts],
    count: starts.size * channels * height + 1,
    length: Math.floor(columns / pool[1]),
    rows: pool[0] * pool[1] * Math.floor(rows / pool[0]),
    filterElements: size[0] * size[1] * channels,
  };
}

/** Column of the first pixel that element `j` of a filter sees, of places from `column` on. */
function startOf({ strides, paddings, dilations }: ConvolutionWindow, column: number, j: number): number {
  return column * strides[1] - paddings[1][0] + j * dilations[1];
}

/** Numbers of an image's elements in each run, `[runs, length]`; beyond the border it is that after the last. */
export function runElements({ image, window, placement, starts, count, length }: Runs): Int32Array {
  const [height = 1, width = 1, channels = 1] = image;
  const none = height * width * channels;
  const indices = new Int32Array(count * length).fill(none);
  const step = placement.pool[1] * window.strides[1];
  let next = 0;
  for (const start of starts)
    for (let channel = 0; channel < channels; channel++)
      for (let y = 0; y < height; y++)
        for (let place = 0; place < length; place++, next++) {
          const x = start + place * step;
          if (x >= 0 && x < width) indices[next] = (y * width + x) * channels + channel;
        }
  return indices;
}

/** The run of each element of the filter and each row of places of `batch` images, `[filter elements, batch, rows]`. */
export function runNumbers(
  { image, size, window, placement, starts, count, rows, filterElements }: Runs,
  batch: number,
): Int32Array {
  const [height = 1, , channels = 1] = image;
  const { pool } = placement;
  const [down] = poolWindows(placement);
  const indices = new Int32Array(filterElements * batch * rows);
  let next = 0;
  for (let i = 0; i < size[0]; i++)
    for (let j = 0; j < size[1]; j++)
      for (let channel = 0; channel < channels; channel++) {
        for (let row = 0; row < pool[0]; row++)
          for (let column = 0; column < pool[1]; column++) {
            const first = (starts.indexOf(startOf(window, column, j)) * channels + channel) * height;
            for (let place = 0; place < down; place++) {
              const y = (place * pool[0] + row) * window.strides[0] - window.paddings[0][0] + i * window.dilations[0];
              indices[next++] = y >= 0 && y < height ? first + y : count - 1;
            }
          }
        // The same for the other images, whose runs follow.
        for (const end = next + (batch - 1) * rows; next < end; next++)
          indices[next] = (indices[next - rows] ?? 0) + count;
      }
  return indices;
}
