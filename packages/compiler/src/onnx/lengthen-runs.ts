import { type Graph, type Rule, rewrite, type Shape, sameShape, sizeOf, type Value } from '../ir/index.js';

/** Of shorter runs of elements that lie in a row, ONNX Runtime takes longer to set each out than to compute it. */
const SHORTEST_RUN = 64;
/** Where there are fewer of them, what it takes to lengthen them is not worth it. */
const FEWEST_RUNS = 1024;
/** How many times an operand must be broadcast so that to write it out in part does not matter. */
const FEWEST_REPEATS = 4;

/**
 * Has ONNX Runtime compute longer runs of elements at once where the last axis is short, such as that of channels: operands that
 * stand for a few elements in a row, or are a few that come again and again, are written out in part, and sums go over the
 * axes before first.
 */
export function lengthenRuns(graph: Graph): Graph {
  return rewrite(graph, (...site) => widenOperands(...site) ?? repeatOperand(...site) ?? splitReduction(...site));
}

const areShort = (length: number, shape: Shape): boolean =>
  length > 1 && length < SHORTEST_RUN && sizeOf(shape) / length >= FEWEST_RUNS;

/** Such as the statistics of groups of a few channels. */
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
  if (last < 0 || !areShort(sizeOf(result.slice(last + 1)), result)) return undefined;
  const widened = [...aligned.slice(0, last + 1), ...result.slice(last + 1)];
  return sizeOf(widened) * FEWEST_REPEATS <= sizeOf(result) ? widened : undefined;
}

/** Such as a number for each of a few channels. */
const repeatOperand: Rule = (value, operands, builder) => {
  if (!isElementwise(value)) return undefined;
  const length = value.shape.at(-1) ?? 1;
  const isRow = ({ shape }: Value): boolean => shape.at(-1) === length && sizeOf(shape) === length;
  const isWhole = ({ shape }: Value): boolean => sameShape(shape, value.shape);
  if (!areShort(length, value.shape) || !operands.some(isRow) || !operands.some(isWhole)) return undefined;
  const rows = sizeOf(value.shape) / length;
  const repeats = upTo(SHORTEST_RUN).find((count) => count * length >= SHORTEST_RUN && rows % count === 0);
  if (repeats === undefined) return undefined;
  const whole = operands.map((operand) => {
    if (!isRow(operand)) return operand;
    const row = builder.make('reshape', [operand], { shape: [1, length] });
    return builder.make('broadcast', [row], { shape: [repeats, length] });
  });
  const inRuns = whole.map((operand) =>
    builder.make('reshape', [operand], {
      shape: [sizeOf(operand.shape) / repeats / length, repeats * length],
    }),
  );
  return builder.make('reshape', [builder.make(value.op, inRuns, value.attributes)], { shape: value.shape });
};

const splitReduction: Rule = (value, [x], builder) => {
  if (x === undefined || (value.op !== 'reduceSum' && value.op !== 'reduceMean')) return undefined;
  const { axes } = value.attributes;
  const last = x.shape.length - 1;
  const before = axes.filter((axis) => axis < last);
  const isApart = axes.includes(last) && before.length > 0 && !axes.includes(last - 1);
  if (!isApart || !areShort(x.shape[last] ?? 1, x.shape)) return undefined;
  const rows = builder.make(value.op, [x], { axes: before, keepDimensions: true });
  const sum = builder.make(value.op, [rows], { axes: [last], keepDimensions: true });
  return builder.make('reshape', [sum], { shape: value.shape });
};

const elementwise = [
  ...(['add', 'sub', 'mul', 'div', 'max', 'min', 'pow', 'mod'] as const),
  ...(['equal', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const),
] as const;

function isElementwise(value: Value): value is Extract<Value, { op: (typeof elementwise)[number] }> {
  return (elementwise as readonly string[]).includes(value.op);
}

function upTo(number: number): readonly number[] {
  return Array.from({ length: number }, (_, i) => i + 1);
}
