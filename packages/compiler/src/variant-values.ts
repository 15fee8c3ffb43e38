import { type Graph, topologicalOrder, type Value } from './ir/index.js';

/** Values of a loop's body that differ from step to step; the others are computed once, before the loop. */
export function variantValues(body: Graph): ReadonlySet<Value> {
  const variant = new Set<Value>();
  for (const value of topologicalOrder(body)) {
    const changes =
      value.op === 'input'
        ? !/^(?:constant|table)\//.test(value.attributes.name)
        : value.operands.some((operand) => variant.has(operand));
    if (changes) variant.add(value);
  }
  return variant;
}
