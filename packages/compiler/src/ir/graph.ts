import { type Builder, createBuilder } from './builder.js';
import type { ScanBody, Value } from './value.js';

/** Named results; everything else is reachable from them, so dead code does not exist. */
export type Graph = Readonly<Record<string, Value>>;

/** Every value of the graph, operands before users. A stack of its own: graphs may be deeper than calls can be. */
export function topologicalOrder(graph: Graph): Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>();
  const stack: { readonly value: Value; next: number }[] = [];
  const enter = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    stack.push({ value, next: 0 });
  };
  for (const result of Object.values(graph)) {
    enter(result);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const operand = top.value.operands[top.next++];
      if (operand !== undefined) enter(operand);
      else {
        order.push(top.value);
        stack.pop();
      }
    }
  }
  return order;
}

/** How many operands and results each value is used as. */
export function countUses(graph: Graph): Map<Value, number> {
  const uses = new Map<Value, number>();
  const count = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  Object.values(graph).forEach(count);
  for (const value of topologicalOrder(graph)) value.operands.forEach(count);
  return uses;
}

/** A rule sees an original value and its rewritten operands; undefined keeps the operation as it is. */
export type Rule = (value: Value, operands: readonly Value[], builder: Builder) => Value | undefined;

/** The graph with `rule` applied once to every value, operands first, and then `finish` to every result. */
export function rewrite(
  graph: Graph,
  rule: Rule,
  finish: (name: string, value: Value, builder: Builder) => Value = (_, value) => value,
  builder: Builder = createBuilder(),
): Graph {
  const rewritten = new Map<Value, Value>();
  for (const value of topologicalOrder(graph)) {
    const operands = value.operands.map((operand) => rewritten.get(operand) ?? operand);
    const result = rule(value, operands, builder) ?? rebuild(value, operands, builder);
    rewritten.set(value, result);
  }
  return Object.fromEntries(
    Object.entries(graph).map(([name, value]) => [name, finish(name, rewritten.get(value) ?? value, builder)]),
  );
}

/** `value` with other operands. */
export function rebuild(value: Value, operands: readonly Value[], builder: Builder): Value {
  if (value.op === 'input') return builder.input(value.attributes.name, value.shape, value.dtype);
  if (value.op === 'constant') return builder.constant(value.attributes.data, value.shape, value.dtype);
  return builder.make(value.op, operands, value.attributes);
}

/** Applies `rule` until nothing changes any more. */
export function rewriteToFixpoint(graph: Graph, rule: Rule): Graph {
  // One builder for all rounds: what does not change is the same value.
  const builder = createBuilder();
  let current = graph;
  for (let round = 0; round < 50; round++) {
    const next = rewrite(current, rule, undefined, builder);
    if (Object.entries(next).every(([name, value]) => value === current[name])) return next;
    current = next;
  }
  return current;
}

/** The graph as text, one value a line: `%3 = add(%1, %2) : float32[32,10]`. */
export function print(graph: Graph): string {
  const order = topologicalOrder(graph);
  const name = new Map(order.map((value, i) => [value, `%${i}`]));
  const lines = order.map((value) => {
    const operands = value.operands.map((operand) => name.get(operand)).join(', ');
    const attributes =
      value.op === 'constant' ? describeConstant(value.attributes.data) : describeAttributes(value.attributes);
    return `${name.get(value)} = ${value.op}(${operands})${attributes} : ${value.dtype}[${value.shape.join(',')}]`;
  });
  const results = Object.entries(graph).map(([result, value]) => `${result} = ${name.get(value)}`);
  return [...lines, `return ${results.join(', ')}`].join('\n');
}

/** The body of a scan; it compares by its text. */
export function scanBody(graph: ScanBody['graph']): ScanBody {
  return { graph, toJSON: () => print(graph) };
}

function describeAttributes(attributes: object): string {
  const text = JSON.stringify(attributes);
  return text === '{}' ? '' : ` ${text}`;
}

function describeConstant(data: Float32Array | Int32Array): string {
  return data.length <= 8 ? ` [${data.join(', ')}]` : ` [${data.slice(0, 8).join(', ')}, …]`;
}
