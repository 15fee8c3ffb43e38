import { operand, topologicalOrder, type Value } from '../ir/index.js';
import type { TracedLoop } from '../loop.js';

/**
 * Whether XLA is the quicker way to run a loop on a processor too (docs/benchmarks.md): where products of matrices take its time. For
 * convolutions and recurrences it is the slower one there, and it reads the nearest entry where an index is out of range.
 */
export function isDense({ body }: TracedLoop): boolean {
  const order = topologicalOrder(body);
  return order.some(({ op }) => op === 'matmul') && order.every(isPlain);
}

function isPlain(value: Value): boolean {
  switch (value.op) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'maxPool':
    case 'avgPool':
    case 'scan':
    case 'segmentSum':
      return false;
    case 'gather':
      // Rows of a table are there.
      return operand(value.operands, 0).op === 'input';
    default:
      return true;
  }
}
