/** Tables of indices by which minimal filters gather rows of images, and put rows of the output in order. */
import { countPlaces, isPlain, type Placement, placeNumbers } from './patches.js';

/** Tiles down the columns of images of `height`, each followed by a row of zeros. */
export interface Tiles {
  readonly batch: number;
  readonly height: number;
  readonly perImage: number;
  /** How many rows lie between the beginnings of two. */
  readonly step: number;
  /** How many rows one has. */
  readonly rows: number;
  /** By how much the first begins above its image. */
  readonly before: number;
}

/** Which row of the images is the first of each tile, which the second, and so on: `[rows, batch * perImage]`. */
export function rowsOfTiles({ batch, height, perImage, step, rows, before }: Tiles): Int32Array {
  return Int32Array.from({ length: rows * batch * perImage }, (_, i) => {
    const image = Math.floor(i / perImage) % batch;
    const row = (i % perImage) * step + Math.floor(i / perImage / batch) - before;
    return image * (height + 1) + (row >= 0 && row < height ? row : height);
  });
}

/** What windows see of a row of pixels that a zero follows. */
export interface ColumnWindows {
  readonly width: number;
  /** How many windows, one column apart. */
  readonly places: number;
  /** Columns of a window. */
  readonly size: number;
  /** By how much the first begins before the row. */
  readonly before: number;
  /** Whether a window's last column comes first. */
  readonly isTurned: boolean;
}

/** Which column each window sees: `[places, size]`. */
export function columnsOfWindows({ width, places, size, before, isTurned }: ColumnWindows): Int32Array {
  return Int32Array.from({ length: places * size }, (_, i) => {
    const element = isTurned ? size - 1 - (i % size) : i % size;
    const column = Math.floor(i / size) - before + element;
    return column >= 0 && column < width ? column : width;
  });
}

/** 1 where a window sees a column by an element, and 0 otherwise: `[width * places, size]`. */
export function bandsOfWindows(windows: ColumnWindows): Float32Array {
  const { width, places, size } = windows;
  const bands = new Float32Array(width * places * size);
  columnsOfWindows(windows).forEach((column, i) => {
    const [place, element] = [Math.floor(i / size), i % size];
    if (column < width) bands[(column * places + place) * size + element] = 1;
  });
  return bands;
}

/**
 * Where `batch` images' output, whose tiles of `step` rows lie as `[step, batch, tiles of an image, columns]`, has what `placement`
 * asks for: of each row where that is plain, otherwise of each pixel.
 */
export function placesOfTiles(batch: number, step: number, placement: Placement): Int32Array {
  const { rows, columns } = placement;
  const perImage = Math.ceil(rows / step);
  const rowOf = (image: number, row: number): number =>
    ((row % step) * batch + image) * perImage + Math.floor(row / step);
  if (isPlain(placement))
    return Int32Array.from({ length: batch * rows }, (_, i) => rowOf(Math.floor(i / rows), i % rows));
  const places = countPlaces(placement);
  const numbers = placeNumbers(placement, places);
  const indices = new Int32Array(batch * places);
  for (let image = 0; image < batch; image++)
    numbers.forEach((number, pixel) => {
      const row = rowOf(image, Math.floor(pixel / columns));
      if (number < places) indices[image * places + number] = row * columns + (pixel % columns);
    });
  return indices;
}
