import { type Builder, createBuilder, describeAttributes, describeNumber } from './builder.js';
import type { ScanBody, Value } from './value.js';

/** Named results; everything else is reachable from them, so dead code does not exist. */
export type Graph = Readonly<Record<string, Value>>;

/** Graphs never change, so that an order that was found once holds. */
const orders = new WeakMap<Graph, readonly Value[]>();

/** Every value of the graph, operands before users. */
export function topologicalOrder(graph: Graph): readonly Value[] {
  const known = orders.get(graph);
  if (known !== undefined) return known;
  const order = findOrder(graph);
  orders.set(graph, order);
  return order;
}

/**
 * Every value of the graph that is within, and is reached by way of others that are, operands before users. With a stack of its
 * own: graphs may be deeper than calls can be.
 */
export function findOrder(graph: Graph, isWithin: (value: Value) => boolean = () => true): readonly Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>();
  const stack: { readonly value: Value; next: number }[] = [];
  const enter = (value: Value): void => {
    if (seen.has(value) || !isWithin(value)) return;
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

/**
 * A rule sees an original value and its rewritten operands; undefined keeps the operation as it is. What it answers follows
 * from what it sees.
 */
export type Rule = (value: Value, operands: readonly Value[], builder: Builder) => Value | undefined;

type Finish = (name: string, value: Value, builder: Builder) => Value;

/** The graph with `rule` applied once to every value, operands first, and then `finish` to every result. */
export function rewrite(graph: Graph, rule: Rule, finish?: Finish): Graph {
  return rewriteOthers(graph, rule, undefined, finish);
}

/**
 * As {@link rewrite}, but for the values `settled`, to which those are added that stay as they are, operands included.
 * A graph in which nothing changes is the same graph.
 */
function rewriteOthers(graph: Graph, rule: Rule, settled: Set<Value> | undefined, finish?: Finish): Graph {
  const builder = builderOf(graph);
  /** Those that changed, or are made of others that did. */
  const rewritten = new Map<Value, Value>();
  for (const value of topologicalOrder(graph)) {
    if (settled?.has(value) === true) continue;
    const isKept = value.builder === builder && !value.operands.some((operand) => rewritten.has(operand));
    const operands = isKept ? value.operands : value.operands.map((operand) => rewritten.get(operand) ?? operand);
    const result = rule(value, operands, builder) ?? (isKept ? value : rebuild(value, operands, builder));
    if (!isKept || result !== value) rewritten.set(value, result);
    else settled?.add(value);
  }
  const results = Object.entries(graph).map(([name, value]) => {
    const result = rewritten.get(value) ?? value;
    return [name, finish?.(name, result, builder) ?? result] as const;
  });
  return results.every(([name, value]) => value === graph[name]) ? graph : Object.fromEntries(results);
}

/** What its results were made with, so that values that do not change stay as they are. */
function builderOf(graph: Graph): Builder {
  return Object.values(graph)[0]?.builder ?? createBuilder();
}

/** `value` with other operands. */
export function rebuild(value: Value, operands: readonly Value[], builder: Builder): Value {
  if (value.op === 'input') return builder.input(value.attributes.name, value.shape, value.dtype);
  if (value.op === 'constant') return builder.constant(value.attributes.data, value.shape, value.dtype);
  return builder.make(value.op, operands, value.attributes);
}

/** For each rule the values that it leaves as they are, operands included: what was found once holds. */
const settledBy = new WeakMap<Builder, Map<Rule, Set<Value>>>();

/** Applies `rule` until nothing changes any more. */
export function rewriteToFixpoint(graph: Graph, rule: Rule): Graph {
  const builder = builderOf(graph);
  const byRule = settledBy.get(builder) ?? new Map<Rule, Set<Value>>();
  const settled = byRule.get(rule) ?? new Set();
  settledBy.set(builder, byRule.set(rule, settled));
  let current = graph;
  for (let round = 0; round < 50; round++) {
    const next = rewriteOthers(current, rule, settled);
    if (next === current) return next;
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
      value.op === 'constant' ? describeConstant(value.attributes.data) : shownAttributes(value.attributes);
    return `${name.get(value)} = ${value.op}(${operands})${attributes} : ${value.dtype}[${value.shape.join(',')}]`;
  });
  const results = Object.entries(graph).map(([result, value]) => `${result} = ${name.get(value)}`);
  return [...lines, `return ${results.join(', ')}`].join('\n');
}

/** The body of a scan; it compares by its text. */
export function scanBody(graph: ScanBody['graph']): ScanBody {
  let text: string | undefined;
  return { graph, toJSON: () => (text ??= print(graph)) };
}

function shownAttributes(attributes: object): string {
  const text = describeAttributes(attributes);
  return text === '{}' ? '' : ` ${text}`;
}

/** Constants of more elements are not shown whole. */
export const SHOWN_ELEMENTS = 8;

function describeConstant(data: Float32Array | Int32Array): string {
  const shown = Array.from(data.slice(0, SHOWN_ELEMENTS), describeNumber).join(', ');
  return data.length <= SHOWN_ELEMENTS ? ` [${shown}]` : ` [${shown}, …]`;
}
