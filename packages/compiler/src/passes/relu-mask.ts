import { type Graph, operand, rewrite, scalarConstant, topologicalOrder } from '../ir/index.js';

/** Takes a relu's gradient mask from its output instead of its input, so that the input need not stay in memory. */
export function maskFromRelu(graph: Graph): Graph {
  const rectified = new Set(
    topologicalOrder(graph).flatMap((value) => (value.op === 'relu' ? [operand(value.operands, 0)] : [])),
  );
  return rewrite(graph, (value, operands, builder) => {
    if (
      value.op !== 'greater' ||
      !rectified.has(operand(value.operands, 0)) ||
      scalarConstant(operand(value.operands, 1)) !== 0
    )
      return undefined;
    return builder.make('greater', [builder.make('relu', [operand(operands, 0)], {}), operand(operands, 1)], {});
  });
}
