import { countUses, type Graph, operand, rewrite, sameShape, type Value } from '../ir/index.js';

/**
 * Finds tfjs's spelling of log-softmax, `x - (max + log(sum(exp(x - max))))`, as its softmax cross-entropy and its
 * gradient use it, and makes one operation of it; its exponential alone is softmax.
 */
export function recogniseSoftmax(graph: Graph): Graph {
  const named = rewrite(graph, (value, operands, builder) => {
    if (value.op !== 'sub') return undefined;
    const x = operand(operands, 0);
    const total = operand(operands, 1);
    return isRowByRow(total, x) && logSumExpOf(total) === x ? builder.make('logSoftmax', [x], {}) : undefined;
  });
  const uses = countUses(named);
  return rewrite(named, (value, operands, builder) => {
    const [logits] = value.operands;
    const only = value.op === 'exp' && logits?.op === 'logSoftmax' && uses.get(logits) === 1;
    return only ? builder.make('softmax', operand(operands, 0).operands, {}) : undefined;
  });
}

/** The x of which `value` is the logarithm of the sum of exponentials over the last axis. */
function logSumExpOf(value: Value): Value | undefined {
  const sum = withoutReshape(value);
  if (sum.op !== 'add') return undefined;
  for (const [i, j] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const maximum = withoutReshape(operand(sum.operands, i));
    const logarithm = withoutReshape(operand(sum.operands, j));
    if (!isOverLastAxis(maximum, 'reduceMax') || logarithm.op !== 'log') continue;
    const x = operand(maximum.operands, 0);
    const total = withoutReshape(operand(logarithm.operands, 0));
    if (!isOverLastAxis(total, 'reduceSum')) continue;
    const exponential = operand(total.operands, 0);
    const shifted = exponential.op === 'exp' ? operand(exponential.operands, 0) : undefined;
    if (shifted?.op !== 'sub' || operand(shifted.operands, 0) !== x) continue;
    const subtracted = withoutReshape(operand(shifted.operands, 1));
    const isShift = isRowByRow(operand(shifted.operands, 1), x) && isOverLastAxis(subtracted, 'reduceMax');
    if (isShift && operand(subtracted.operands, 0) === x) return x;
  }
  return undefined;
}

/** Whether `value` broadcasts along the last axis of `x`; `[n]` against `[n, n]` would along the first. */
function isRowByRow(value: Value, x: Value): boolean {
  return sameShape(value.shape, [...x.shape.slice(0, -1), 1]);
}

function isOverLastAxis(value: Value, op: 'reduceMax' | 'reduceSum'): boolean {
  if (value.op !== op) return false;
  const { axes } = value.attributes;
  return axes.length === 1 && axes[0] === operand(value.operands, 0).shape.length - 1;
}

function withoutReshape(value: Value): Value {
  return value.op === 'reshape' ? withoutReshape(operand(value.operands, 0)) : value;
}
