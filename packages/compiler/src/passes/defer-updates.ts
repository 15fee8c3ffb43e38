import { inputNames } from '../input-names.js';
import { countUses, type Graph, operand, rewrite, sizeOf, topologicalOrder, type Value } from '../ir/index.js';
import { isVariant } from '../variant.js';

/** Values of a matrix below which it lies in a fast cache, so that reading and writing it is not what a step takes. */
const SMALLEST = 65_536;
/** Examples of a batch above which a product uses what it has read of a matrix often enough. */
const WIDEST_BATCH = 16;

/** A carried matrix `w` `[in, units]` that gets its updates after the last step. */
export interface DeferredUpdate {
  /** Its input name. */
  readonly name: string;
  /** The examples `x` of a step, `[batch, in]`, which follow from its schedule alone. */
  readonly examples: Value;
  /** Where a step had `factor * x w`, it has the input {@link inputNames.deferred}. */
  readonly factor: number;
  /** A step's change is `-rate * x^T d`, and `d`, `[batch, units]`, the result of that name. */
  readonly rate: number;
  readonly units: number;
}

/**
 * Takes the first dense layer's matrix out of a short loop over narrow batches, in which most of the time goes to reading and
 * writing it. With `w_t = w_0 - rate * sum_{s<t} x_s^T d_s`, what a step needs of it is
 *
 *     x_t w_t = x_t w_0 - rate * sum_{s<t} (x_t x_s^T) d_s
 *
 * where the first products of all steps are one, as are the small ones of examples with examples, and `w` is written once, at
 * the end. The same sums in another order: other bits. A static rule by shape, never by timing.
 */
export function deferUpdates(graph: Graph): { readonly graph: Graph; readonly deferred: readonly DeferredUpdate[] } {
  const found = findUpdates(graph);
  if (found.length === 0) return { graph, deferred: [] };
  const names = new Set(found.map(({ name }) => name));
  const products = new Map(found.map(({ product, name }) => [product, inputNames.deferred(name)]));
  const body = rewrite(
    graph,
    (value, _, builder) => {
      const name = products.get(value);
      return name === undefined ? undefined : builder.input(name, value.shape, value.dtype);
    },
    // Of `w - x^T d` only `d`.
    (name, value) => (names.has(name) ? operand(operand(value.operands, 1).operands, 1) : value),
  );
  return {
    graph: Object.fromEntries(
      Object.entries(body).map(([name, value]) => [names.has(name) ? inputNames.deferred(name) : name, value]),
    ),
    deferred: found.map(({ product: _, ...update }) => update),
  };
}

function findUpdates(graph: Graph): (DeferredUpdate & { readonly product: Value })[] {
  const uses = countUses(graph);
  const order = topologicalOrder(graph);
  return Object.entries(graph).flatMap(([name, value]) => {
    if (value.op !== 'sub' || uses.get(value) !== 1) return [];
    const [matrix, change] = [operand(value.operands, 0), operand(value.operands, 1)];
    if (matrix.op !== 'input' || matrix.attributes.name !== name || sizeOf(matrix.shape) < SMALLEST) return [];
    if (change.op !== 'matmul' || uses.get(change) !== 1 || !change.attributes.transposeA) return [];
    const examples = operand(change.operands, 0);
    if (change.attributes.transposeB || (examples.shape[0] ?? 0) > WIDEST_BATCH) return [];
    if (matrix.shape.length !== 2 || !isOfSchedule(examples)) return [];
    const product = order.find((user) => user.op === 'matmul' && user.operands[1] === matrix);
    if (product?.op !== 'matmul' || product.operands[0] !== examples || uses.get(matrix) !== 2) return [];
    const { transposeA, transposeB, alpha } = product.attributes;
    if (transposeA || transposeB) return [];
    const [, units = 0] = matrix.shape;
    return [{ name, examples, product, factor: alpha, rate: change.attributes.alpha, units }];
  });
}

/** Whether a value is made of rows of tables, in a way that can be done for all steps at once. */
function isOfSchedule(value: Value): boolean {
  if (value.op === 'cast' || value.op === 'reshape') return isOfSchedule(operand(value.operands, 0));
  if (value.op !== 'gather' || value.attributes.axis !== 0) return false;
  const [table, rows] = [operand(value.operands, 0), operand(value.operands, 1)];
  return !isVariant(table) && rows.op === 'input' && rows.attributes.name === inputNames.rows;
}
