import { type Graph, type Rule, rewrite, type Shape, sizeOf, type Value } from '../ir/index.js';

/** Of shorter runs of elements that lie in a row, ONNX Runtime takes longer to set each out than to compute it. */
const SHORTEST_RUN = 64;
/** How many times an operand must be broadcast so that to write it out in part does not matter. */
const FEWEST_REPEATS = 4;

/**
 * Has ONNX Runtime compute longer runs of elements at once where the last axis is short, such as that of the channels of a group:
 * operands that stand for a few elements in a row each are written out, and sums go over the axes before first.
 */
export function lengthenRuns(graph: Graph): Graph {
  return rewrite(graph, (...site) => widenOperands(...site) ?? splitReduction(...site));
}

const widenOperands: Rule = (value, operands, builder) => {
  if (!isElementwise(value)) return undefined;
  const widened = operands.map((operand) => {
    const shape = widenedShape(operand, value.shape);
    return shape === undefined ? operand : builder.make('broadcast', [operand], { shape });
  });
  if (widened.every((operand, i) => operand === operands[i])) return undefined;
  return builder.make(value.op, widened, value.attributes);
};

/** With the last axes as the result has them; undefined where that would not help. */
function widenedShape({ shape }: Value, result: Shape): Shape | undefined {
  const aligned = [...new Array<number>(result.length - shape.length).fill(1), ...shape];
  const last = aligned.findLastIndex((axis) => axis > 1);
  const run = sizeOf(result.slice(last + 1));
  if (last < 0 || run === 1 || run >= SHORTEST_RUN) return undefined;
  const widened = [...aligned.slice(0, last + 1), ...result.slice(last + 1)];
  return sizeOf(widened) * FEWEST_REPEATS <= sizeOf(result) ? widened : undefined;
}

const splitReduction: Rule = (value, [x], builder) => {
  if (x === undefined || (value.op !== 'reduceSum' && value.op !== 'reduceMean')) return undefined;
  const { axes } = value.attributes;
  const last = x.shape.length - 1;
  const before = axes.filter((axis) => axis < last);
  const isApart = axes.includes(last) && before.length > 0 && !axes.includes(last - 1);
  if (!isApart || (x.shape[last] ?? 1) >= SHORTEST_RUN) return undefined;
  const rows = builder.make(value.op, [x], { axes: before, keepDimensions: true });
  return builder.make('reshape', [builder.make(value.op, [rows], { axes: [last], keepDimensions: true })], {
    shape: value.shape,
  });
};

const elementwise = [
  ...(['add', 'sub', 'mul', 'div', 'max', 'min', 'pow', 'mod'] as const),
  ...(['equal', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const),
] as const;

function isElementwise(value: Value): value is Extract<Value, { op: (typeof elementwise)[number] }> {
  return (elementwise as readonly string[]).includes(value.op);
}
