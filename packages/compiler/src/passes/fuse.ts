import { broadcastShapes, countUses, type Graph, operand, rewrite, sameShape, type Value } from '../ir/index.js';

/**
 * Longest inner axis of a product that is accumulated onto the parameter it updates. Over longer sums the rounding of
 * the accumulator loses more of the update than a separate addition does (measured on convolutions).
 */
const LONGEST_INNER = 128;

/** Fuses an addition to a matrix product: `a b + bias`, and the update `parameter - a b`. The last pass. */
export function fuseProducts(graph: Graph): Graph {
  const uses = countUses(graph);
  return rewrite(graph, (value, operands, builder) => {
    if (value.op !== 'add' && value.op !== 'sub') return undefined;
    const [left, right] = [operand(value.operands, 0), operand(value.operands, 1)];
    const [a, b] = [operand(operands, 0), operand(operands, 1)];
    const fused = (product: Value, rewritten: Value, addend: Value, sign: 1 | -1): Value | undefined => {
      if (product.op !== 'matmul' || rewritten.op !== 'matmul' || product.shape.length !== 2 || uses.get(product) !== 1)
        return undefined;
      if (!sameShape(broadcastShapes(addend.shape, product.shape), product.shape)) return undefined;
      // A parameter, or one that a rule has changed already.
      const isUpdate = sameShape(addend.shape, product.shape) && (addend.op === 'input' || sign === -1);
      if (isUpdate && innerAxis(product) > LONGEST_INNER) return undefined;
      const { transposeA, transposeB, alpha } = rewritten.attributes;
      return builder.make('gemm', [...rewritten.operands, addend], { transposeA, transposeB, alpha: sign * alpha });
    };
    if (value.op === 'sub') return fused(right, b, a, -1);
    return fused(left, a, b, 1) ?? fused(right, b, a, 1);
  });
}

function innerAxis(product: Extract<Value, { op: 'matmul' }>): number {
  return operand(product.operands, 0).shape.at(product.attributes.transposeA ? -2 : -1) ?? 1;
}
