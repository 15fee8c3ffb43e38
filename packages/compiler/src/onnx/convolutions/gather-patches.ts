import {
  type Builder,
  type OpAttributes,
  operand,
  type Pair,
  sameShape,
  scalarConstant,
  sizeOf,
  type Value,
} from '../../ir/index.js';
import {
  countPlaces,
  describeRuns,
  inputPatches,
  isPlain,
  type Placement,
  placeNumbers,
  type Runs,
  runElements,
  runNumbers,
} from './patches.js';

/** Where an operation is expanded. */
export interface Site {
  readonly builder: Builder;
  readonly operands: readonly Value[];
  /** A constant table, mostly of indices, made once for all operations of the same shapes. */
  readonly table: (key: string, make: () => Int32Array | Float32Array, shape: readonly number[]) => Value;
}

/** Attributes of a product of two matrices as they are. */
export const product = { transposeA: false, transposeB: false, alpha: 1 } as const;

/** `x` as a matrix of as many rows as pixels. */
export function rowsOf(builder: Builder, x: Value): Value {
  const channels = x.shape.at(-1) ?? 1;
  return builder.make('reshape', [x], { shape: [sizeOf(x.shape) / channels, channels] });
}

/** The rows of `batch` images, `[batch, rows, channels]`, each with one more of zeros. */
export function withZeroRows(builder: Builder, rows: Value, batch: number): Value {
  const channels = rows.shape.at(-1) ?? 1;
  const images = builder.make('reshape', [rows], { shape: [batch, sizeOf(rows.shape) / batch / channels, channels] });
  const zeros = builder.make('broadcast', [builder.scalar(0)], { shape: [batch, 1, channels] });
  return builder.make('concat', [images, zeros], { axis: 1 });
}

/** The images whose pixels lie as `placement` says, `[batch, rows, columns, channels]`. */
export function inPlace({ builder, table }: Site, x: Value, batch: number, placement: Placement): Value {
  const { rows, columns } = placement;
  if (isPlain(placement)) return builder.make('reshape', [x], { shape: [batch, rows, columns, x.shape.at(-1) ?? 1] });
  const numbers = (): Int32Array => placeNumbers(placement, countPlaces(placement));
  const places = table(JSON.stringify(placement), numbers, [rows, columns]);
  return builder.make('gather', [withZeroRows(builder, x, batch), places], { axis: 1 });
}

/** Patches of the inputs as a factor of a product. */
export interface Patches {
  /** A row for each place, or, where it is turned, for each element of the filter. */
  readonly matrix: Value;
  readonly isTurned: boolean;
}

/** Gathers the patches of the images `x`, with the table of indices that takes fewer copies. */
export function patchesOf(
  site: Site,
  x: Value,
  size: Pair,
  window: OpAttributes['conv2d'],
  placement: Placement,
): Patches {
  const { builder } = site;
  const scaled = scaledInput(x);
  if (scaled !== undefined) {
    const unscaled = builder.make('reshape', [scaled.input], { shape: x.shape });
    const { matrix, isTurned } = patchesOf(site, unscaled, size, window, placement);
    return { matrix: builder.make('mul', [matrix, builder.scalar(scaled.factor)], {}), isTurned };
  }
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [places, elements] = [countPlaces(placement), size[0] * size[1]];
  if (elements === 1 && places === height * width && isPlain(placement))
    return { matrix: rowsOf(builder, x), isTurned: false };
  const key = JSON.stringify([height, width, channels, size, window, placement]);
  // Both copy as many elements in the end; what takes time is the number of copies.
  const runs = describeRuns([height, width, channels], size, window, placement);
  if (runs.count * runs.length + elements * channels * runs.rows < places * elements)
    return { matrix: gatheredRuns(site, key, x, runs), isTurned: true };
  const isPadded = window.paddings.flat().some((padding) => padding > 0);
  const pixels = builder.make('reshape', [x], { shape: [batch, height * width, channels] });
  const source = isPadded ? withZeroRows(builder, pixels, batch) : pixels;
  const patches = site.table(`pixels ${key}`, () => inputPatches([height, width], size, window, placement), [
    places,
    elements,
  ]);
  const gathered = builder.make('gather', [source, patches], { axis: 1 });
  const matrix = builder.make('reshape', [gathered], { shape: [batch * places, elements * channels] });
  return { matrix, isTurned: false };
}

/** Two gathers: of elements into runs, and of runs into patches. */
function gatheredRuns({ builder, table }: Site, key: string, x: Value, runs: Runs): Value {
  const [batch = 1] = x.shape;
  const { count, length, rows, filterElements } = runs;
  const single = builder.make('reshape', [x], { shape: [sizeOf(x.shape), 1] });
  const padded = withZeroRows(builder, single, batch);
  const elements = builder.make('reshape', [padded], { shape: padded.shape.slice(0, 2) });
  const ofRuns = table(`elements ${key}`, () => runElements(runs), [count, length]);
  const lines = builder.make('gather', [elements, ofRuns], { axis: 1 });
  const flat = builder.make('reshape', [lines], { shape: [batch * count, length] });
  const ofPatches = table(`runs ${batch} ${key}`, () => runNumbers(runs, batch), [filterElements, batch * rows]);
  const gathered = builder.make('gather', [flat, ofPatches], { axis: 0 });
  return builder.make('reshape', [gathered], { shape: [filterElements, batch * rows * length] });
}

/** The input that `x` is a constant multiple of: the factor can wait for the product, which takes it for nothing. */
export function scaledInput(x: Value): { readonly input: Value; readonly factor: number } | undefined {
  if (x.op === 'reshape') return scaledInput(operand(x.operands, 0));
  if (x.op !== 'mul') return undefined;
  const factor = scalarConstant(operand(x.operands, 1));
  const input = operand(x.operands, 0);
  return factor === undefined || !sameShape(input.shape, x.shape) ? undefined : { input, factor };
}
