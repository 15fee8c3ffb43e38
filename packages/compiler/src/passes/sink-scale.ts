import { type Graph, operand, rebuild, rewrite, sizeOf, topologicalOrder, type Value } from '../ir/index.js';

/**
 * Moves a scalar factor (the learning rate) from the large gradients to the small value that they all come from:
 * `rate * (x^T d)` becomes `x^T (rate * d)`, and so on down the chain of linear operations, where nobody needs the
 * unscaled value. One product of a scalar replaces one for each parameter.
 */
export function sinkScales(graph: Graph): Graph {
  const order = topologicalOrder(graph);
  const factors = new Set(order.flatMap((value) => (isScaling(value) ? [operand(value.operands, 1)] : [])));
  const [factor] = [...factors].sort((a, b) => countScalings(order, b) - countScalings(order, a));
  return factor === undefined ? graph : sinkScale(graph, order, factor);
}

function sinkScale(graph: Graph, order: readonly Value[], factor: Value): Graph {
  const reach = new Map<Value, number>();
  for (const value of order) reach.set(value, smallestReach(value, reach));
  const scaledOnly = findScaledOnly(graph, order, factor, reach);
  if (scaledOnly.size === 0) return graph;

  return rewrite(graph, (value, operands, builder) => {
    const [x] = operands;
    if (
      isScaling(value) &&
      value.operands[1] === factor &&
      x !== undefined &&
      scaledOnly.has(operand(value.operands, 0))
    )
      return x;
    if (!scaledOnly.has(value)) return undefined;
    const path = linearOperand(value, reach);
    if (path === undefined) return undefined;
    const next = operand(value.operands, path);
    if (scaledOnly.has(next)) return undefined;
    // The factor is an input: made again by name, it is the same value.
    const scaled = builder.make('mul', [operand(operands, path), rebuild(factor, [], builder)], {});
    return rebuild(
      value,
      operands.map((o, i) => (i === path ? scaled : o)),
      builder,
    );
  });
}

/** Values of which every use is, directly or through linear operations, multiplied by `factor`. */
function findScaledOnly(
  graph: Graph,
  order: readonly Value[],
  factor: Value,
  reach: ReadonlyMap<Value, number>,
): Set<Value> {
  const results = new Set(Object.values(graph));
  const users = new Map<Value, Value[]>();
  for (const value of order) for (const o of new Set(value.operands)) users.set(o, [...(users.get(o) ?? []), value]);
  const scaledOnly = new Set<Value>();
  for (const value of [...order].reverse()) {
    if (results.has(value) || linearOperand(value, reach) === undefined) continue;
    // Of a product that is scaled by the factor twice, the inner one stays: its factor would be lost on the way.
    if (isScaling(value) && value.operands[1] === factor) continue;
    const uses = users.get(value) ?? [];
    const scaled = uses.every((user) => {
      if (isScaling(user) && user.operands[1] === factor && user.operands[0] === value) return true;
      const path = linearOperand(user, reach);
      return (
        scaledOnly.has(user) &&
        path !== undefined &&
        user.operands[path] === value &&
        user.operands.filter((o) => o === value).length === 1
      );
    });
    if (scaled && uses.length > 0) scaledOnly.add(value);
  }
  return scaledOnly;
}

/** The operand through which a factor passes with the least work; undefined where the operation is not linear. */
function linearOperand(value: Value, reach: ReadonlyMap<Value, number>): number | undefined {
  switch (value.op) {
    case 'neg':
    case 'reshape':
    case 'transpose':
    case 'reduceSum':
    case 'broadcast':
    case 'slice':
    case 'stridedSlice':
    case 'gather':
    case 'segmentSum':
    case 'conv2dInputGradient':
    case 'depthwiseConv2dInputGradient':
    case 'maxPoolGradient':
      return 0;
    case 'conv2dFilterGradient':
    case 'depthwiseConv2dFilterGradient':
      return 1;
    case 'matmul':
    case 'mul': {
      const [a, b] = [operand(value.operands, 0), operand(value.operands, 1)];
      return (reach.get(a) ?? sizeOf(a.shape)) <= (reach.get(b) ?? sizeOf(b.shape)) ? 0 : 1;
    }
    default:
      return undefined;
  }
}

/** Elements of the smallest value that a factor of `value` can be moved to. */
function smallestReach(value: Value, reach: ReadonlyMap<Value, number>): number {
  const own = sizeOf(value.shape);
  const path = linearOperand(value, reach);
  return path === undefined ? own : Math.min(own, reach.get(operand(value.operands, path)) ?? own);
}

/** `x * s` with a scalar s that is not a constant (constants are folded elsewhere). */
export function isScaling(value: Value): boolean {
  if (value.op !== 'mul') return false;
  const factor = operand(value.operands, 1);
  return factor.op === 'input' && factor.shape.length === 0 && sizeOf(value.shape) > 1;
}

function countScalings(order: readonly Value[], factor: Value): number {
  return order.filter((value) => isScaling(value) && value.operands[1] === factor).length;
}
