import { inputNames } from '../input-names.js';
import { type Builder, type Graph, rewrite, sizeOf, topologicalOrder, type Value } from '../ir/index.js';
import { isVariant } from '../variant.js';

/** Elements of a step's value above which keeping it for all steps costs more memory than it saves time. */
const LARGEST = 512;

export interface ComputedAhead {
  /** The step, with inputs `ahead/0` … in place of what is computed before the loop. */
  readonly body: Graph;
  /** What each of these inputs is, as a step would compute it. */
  readonly ahead: Graph;
}

/**
 * Takes out of a step what follows from its schedule alone, such as the labels of its rows or the learning rate's share
 * of each example, so that it is computed for all steps at once: in a loop over small models most of the time
 * goes to the number of nodes. Only operations whose result for an element does not depend on where it lies in memory:
 * where a job is cut into calls must not change bits.
 */
export function computeAhead(graph: Graph): ComputedAhead {
  const scheduled = new Set<Value>();
  for (const value of topologicalOrder(graph)) if (isScheduled(value, scheduled)) scheduled.add(value);
  const taken = topologicalOrder(graph).flatMap((value) => {
    const needed = scheduled.has(value) ? [] : value.operands;
    return needed.filter((operand) => scheduled.has(operand) && operand.op !== 'input');
  });
  const results = Object.values(graph).filter((value) => scheduled.has(value) && value.op !== 'input');
  const names = new Map([...new Set([...taken, ...results])].map((value, i) => [value, inputNames.ahead(i)]));
  return {
    body: rewrite(graph, (value, _, builder) => {
      const name = names.get(value);
      return name === undefined ? undefined : builder.input(name, value.shape, value.dtype);
    }),
    ahead: rewrite(Object.fromEntries([...names].map(([value, name]) => [name, value])), alignRanks),
  };
}

function isScheduled(value: Value, scheduled: ReadonlySet<Value>): boolean {
  if (!isVariant(value)) return false;
  if (value.op === 'input') return !followsFromSteps(value.attributes.name);
  if (sizeOf(value.shape) > LARGEST) return false;
  if (!value.operands.every((operand) => scheduled.has(operand) || !isVariant(operand))) return false;
  if (value.op === 'gather') {
    const [table, indices] = value.operands;
    return value.attributes.axis === 0 && table !== undefined && !isVariant(table) && indices?.shape.length === 1;
  }
  return value.op === 'reshape' || value.op === 'oneHot' || isExact(value);
}

/** Whether an input depends on the steps before. */
export function followsFromSteps(input: string): boolean {
  return [inputNames.carried(''), inputNames.deferred('')].some((kind) => input.startsWith(kind));
}

/** The axis of the steps lies before a value's own axes, so that operands need as many axes as the result to meet. */
function alignRanks(value: Value, operands: readonly Value[], builder: Builder): Value | undefined {
  if (!isExact(value)) return undefined;
  const rank = value.shape.length;
  const aligned = operands.map((operand) => {
    const missing = rank - operand.shape.length;
    if (missing === 0 || !isVariant(operand)) return operand;
    return builder.make('reshape', [operand], { shape: [...new Array<number>(missing).fill(1), ...operand.shape] });
  });
  return aligned.some((operand, i) => operand !== operands[i])
    ? builder.make(value.op, aligned, value.attributes)
    : undefined;
}

/** Element by element, and rounded once at most. */
const exact = [
  ...(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'relu', 'not', 'cast'] as const),
  ...(['add', 'sub', 'mul', 'div', 'max', 'min'] as const),
  ...(['equal', 'greater', 'greaterEqual', 'less', 'lessEqual', 'and', 'or', 'select'] as const),
] as const;

function isExact(value: Value): value is Extract<Value, { op: (typeof exact)[number] }> {
  return (exact as readonly string[]).includes(value.op);
}
