/** Matrices of many images, computed of as many at a time as a processor's cache is best with: a scan over groups of them. */
import { type Builder, makeScan, operand, type Shape, type Value } from '../../ir/index.js';

/** A filter of more elements is read so long that products with it need {@link FEWEST_ROWS} to pay for it. */
const SMALL_FILTER = 2 ** 18;
const FEWEST_ROWS = 512;

/** What an image adds to a product with a filter, or with its gradient. */
export interface ImageCosts {
  /** Elements of its patches. */
  readonly patches: number;
  /** Rows of the product. */
  readonly rows: number;
  /** Elements of the filter. */
  readonly filter: number;
}

/** Of how many of `batch` images up to `largest` elements of patches are gathered at a time; it divides `batch`. */
export function imagesAtATime(batch: number, { patches, rows, filter }: ImageCosts, largest: number): number {
  const fewest = filter > SMALL_FILTER ? FEWEST_ROWS / rows : 1;
  const counts = Array.from({ length: batch }, (_, i) => i + 1);
  const possible = counts.filter((count) => batch % count === 0 && count >= fewest);
  return possible.findLast((count) => count * patches <= largest) ?? possible[0] ?? batch;
}

/** `x` in equal parts along its first axis, `[groups, …]`. */
function inGroups(builder: Builder, x: Value, groups: number): Value {
  const [length = 1, ...rest] = x.shape;
  return builder.make('reshape', [x], { shape: [groups, length / groups, ...rest] });
}

const zeros = (builder: Builder, shape: Shape): Value => builder.make('broadcast', [builder.scalar(0)], { shape });

/** The matrix of `shape` whose rows are those that `make` gives for one group of `x` after the other. */
export function rowsOfGroups(
  builder: Builder,
  [rows = 1, columns = 1]: Shape,
  groups: number,
  x: Value,
  make: (group: Value) => Value,
): Value {
  if (groups === 1) return make(x);
  const operands = { initial: zeros(builder, [rows / groups, columns]), cuts: [inGroups(builder, x, groups)] };
  const made = makeScan(builder, operands, (_, cuts) => make(operand(cuts, 0)));
  return builder.make('reshape', [made], { shape: [rows, columns] });
}

/** The sum of the matrices of `shape` that `make` gives for the groups of `x` and `y`. */
export function sumOfGroups(
  builder: Builder,
  shape: Shape,
  groups: number,
  [x, y]: readonly [Value, Value],
  make: (x: Value, y: Value) => Value,
): Value {
  if (groups === 1) return make(x, y);
  const operands = { initial: zeros(builder, shape), cuts: [x, y].map((cut) => inGroups(builder, cut, groups)) };
  const sums = makeScan(builder, operands, (sum, cuts) =>
    builder.make('add', [sum, make(operand(cuts, 0), operand(cuts, 1))], {}),
  );
  const begin = [groups - 1, ...shape.map(() => 0)];
  return builder.make('slice', [sums], { begin, size: [1, ...shape] });
}
