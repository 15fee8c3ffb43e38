import {
  type Builder,
  type OpAttributes,
  operand,
  type Pair,
  sameShape,
  scalarConstant,
  sizeOf,
  type Value,
} from '../ir/index.js';
import {
  countPlaces,
  describeRuns,
  inputPatches,
  isPlain,
  type Placement,
  type Runs,
  runElements,
  runNumbers,
} from './patches.js';

/** Where an operation is expanded. */
export interface Site {
  readonly builder: Builder;
  readonly operands: readonly Value[];
  /** A constant table of indices, made once for all operations of the same shapes. */
  readonly table: (key: string, make: () => Int32Array, shape: readonly number[]) => Value;
}

/** `x` as a matrix of as many rows as pixels. */
export function rowsOf(builder: Builder, x: Value): Value {
  const channels = x.shape.at(-1) ?? 1;
  return builder.make('reshape', [x], { shape: [sizeOf(x.shape) / channels, channels] });
}

/** `rows` and one more of zeros. */
export function withZeroRow(builder: Builder, rows: Value): Value {
  const zeros = builder.make('broadcast', [builder.scalar(0)], { shape: [1, rows.shape[1] ?? 1] });
  return builder.make('concat', [rows, zeros], { axis: 0 });
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
  const channels = x.shape[3] ?? 1;
  const [places, elements] = [countPlaces(placement), size[0] * size[1]];
  const pixels = rowsOf(builder, x);
  if (elements === 1 && places === pixels.shape[0] && isPlain(placement)) return { matrix: pixels, isTurned: false };
  const key = JSON.stringify([x.shape, size, window, placement]);
  // Both copy as many elements in the end; what takes time is the number of copies.
  const runs = describeRuns(x.shape, size, window, placement);
  if (runs.count * runs.length + elements * channels * runs.rows < places * elements)
    return { matrix: gatheredRuns(site, key, x, runs), isTurned: true };
  const isPadded = window.paddings.flat().some((padding) => padding > 0);
  const source = isPadded ? withZeroRow(builder, pixels) : pixels;
  const indices = (): Int32Array => inputPatches(x.shape, size, window, placement);
  return { matrix: gatheredPixels(site, key, source, [places, elements], indices), isTurned: false };
}

function gatheredPixels(
  { builder, table }: Site,
  key: string,
  pixels: Value,
  shape: Pair,
  indices: () => Int32Array,
): Value {
  const gathered = builder.make('gather', [pixels, table(`pixels ${key}`, indices, shape)], { axis: 0 });
  return builder.make('reshape', [gathered], { shape: [shape[0], shape[1] * (pixels.shape[1] ?? 1)] });
}

/** Two gathers: of elements into runs, and of runs into patches. */
function gatheredRuns({ builder, table }: Site, key: string, x: Value, runs: Runs): Value {
  const elements = withZeroRow(builder, builder.make('reshape', [x], { shape: [sizeOf(x.shape), 1] }));
  const flat = builder.make('reshape', [elements], { shape: [sizeOf(elements.shape)] });
  const ofRuns = table(`elements ${key}`, () => runElements(runs), [runs.count, runs.length]);
  const lines = builder.make('gather', [flat, ofRuns], { axis: 0 });
  const ofPatches = table(`runs ${key}`, () => runNumbers(runs), [runs.filterElements, runs.rows]);
  const gathered = builder.make('gather', [lines, ofPatches], { axis: 0 });
  return builder.make('reshape', [gathered], { shape: [runs.filterElements, runs.rows * runs.length] });
}

/** The input that `x` is a constant multiple of: the factor can wait for the product, which takes it for nothing. */
function scaledInput(x: Value): { readonly input: Value; readonly factor: number } | undefined {
  if (x.op === 'reshape') return scaledInput(operand(x.operands, 0));
  if (x.op !== 'mul') return undefined;
  const factor = scalarConstant(operand(x.operands, 1));
  const input = operand(x.operands, 0);
  return factor === undefined || !sameShape(input.shape, x.shape) ? undefined : { input, factor };
}
