import { type Graph, operand, sizeOf, topologicalOrder, type Value } from '../ir/index.js';

/** Elements of a constant above which XLA takes long to compile a loop. */
const LARGEST_CONSTANT = 2 ** 14;

/**
 * Whether XLA is the quicker way to run the body of a loop on a processor too (docs/benchmarks.md): where products of matrices take
 * its time. For convolutions and recurrences it is the slower one there, with the windows of tables that dropout draws from it
 * compiles for half a minute, and it reads the nearest entry where an index is out of range.
 */
export function isDense(body: Graph): boolean {
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
    case 'window':
      return false;
    case 'constant':
      return sizeOf(value.shape) <= LARGEST_CONSTANT;
    case 'gather':
      // Rows of a table are there.
      return operand(value.operands, 0).op === 'input';
    default:
      return true;
  }
}
