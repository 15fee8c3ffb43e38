import {
  type Builder,
  type Graph,
  operand,
  type Rule,
  rewrite,
  rewriteToFixpoint,
  topologicalOrder,
  type Value,
} from '../ir/index.js';
import { isMatrixTranspose, simplify } from './simplify.js';

/** Above this many elements a transposed weight is slower (measured: 784x128 gains 11 %, 512x3136 loses). */
const LARGEST = 262_144;
/** Below this many columns there is nothing to gain. */
const FEWEST_COLUMNS = 16;

export interface LaidOut {
  readonly graph: Graph;
  /** Names of the carried inputs that the graph keeps transposed. */
  readonly transposed: ReadonlySet<string>;
}

/**
 * Keeps small weight matrices `[in, out]` as `[out, in]` inside the loop: the gradient product then writes rows as the
 * matrix library likes them. A static rule by shape, never by timing, since the layout changes bits.
 */
export function chooseLayout(graph: Graph): LaidOut {
  const candidates = new Set(
    topologicalOrder(graph).flatMap((value) => {
      const isCarried = value.op === 'input' && value.attributes.name in graph;
      const [rows = 0, columns = 0] = value.shape;
      const fits = value.shape.length === 2 && columns >= FEWEST_COLUMNS && rows * columns <= LARGEST;
      return isCarried && fits ? [value.attributes.name] : [];
    }),
  );
  if (candidates.size === 0) return { graph, transposed: new Set() };
  const stored = rewrite(
    graph,
    (value, _, builder) => {
      if (value.op !== 'input' || !candidates.has(value.attributes.name)) return undefined;
      return swap(builder, builder.input(value.attributes.name, [...value.shape].reverse(), value.dtype));
    },
    (name, value, builder) => (candidates.has(name) ? swap(builder, value) : value),
  );
  const laidOut = simplify(rewriteToFixpoint(stored, liftTransposes));
  const isBetter =
    count(laidOut, 'transpose') <= count(graph, 'transpose') && count(laidOut, 'matmul') <= count(graph, 'matmul');
  return isBetter ? { graph: laidOut, transposed: candidates } : { graph, transposed: new Set() };
}

/** Moves transposes from operands to results, until they meet their opposite or a product takes them as a flag. */
const liftTransposes: Rule = (value, operands, builder) => {
  const [a, b] = operands;
  if (a === undefined) return undefined;
  if (value.op === 'transpose' && isMatrixTranspose(a) && value.shape.length === 2) {
    return value.attributes.permutation[0] === 1 ? operand(a.operands, 0) : undefined;
  }
  if (value.op === 'matmul' && b !== undefined) return productOfTransposes(value, a, b, builder);
  if (!isMatrixTranspose(a) && !(b !== undefined && isMatrixTranspose(b))) return undefined;
  switch (value.op) {
    case 'relu':
    case 'sigmoid':
    case 'tanh':
    case 'exp':
    case 'neg':
    case 'softplus':
    case 'cast':
      return swap(builder, builder.make(value.op, [swap(builder, a)], value.attributes));
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'greater':
    case 'greaterEqual':
    case 'max':
    case 'min': {
      const [left, right] = [transposedView(builder, a), b && transposedView(builder, b)];
      if (left === undefined || right === undefined || value.shape.length !== 2) return undefined;
      return swap(builder, builder.make(value.op, [left, right], {}));
    }
    case 'reduceSum': {
      const { axes, keepDimensions } = value.attributes;
      if (keepDimensions) return undefined;
      return builder.make('reduceSum', [swap(builder, a)], { axes: axes.map((axis) => 1 - axis), keepDimensions });
    }
    default:
      return undefined;
  }
};

/** Flags instead of transposes; a product with a transposed weight on the right is made the other way round. */
function productOfTransposes(
  value: Extract<Value, { op: 'matmul' }>,
  a: Value,
  b: Value,
  builder: Builder,
): Value | undefined {
  if (value.shape.length !== 2) return undefined;
  const { transposeA, transposeB, alpha } = value.attributes;
  if (isMatrixTranspose(b) && operand(b.operands, 0).op === 'input' && !transposeB && !isMatrixTranspose(a)) {
    const flipped = builder.make('matmul', [operand(b.operands, 0), a], {
      transposeA: false,
      transposeB: !transposeA,
      alpha,
    });
    return swap(builder, flipped);
  }
  if (isMatrixTranspose(a))
    return builder.make('matmul', [operand(a.operands, 0), b], { transposeA: !transposeA, transposeB, alpha });
  if (isMatrixTranspose(b))
    return builder.make('matmul', [a, operand(b.operands, 0)], { transposeA, transposeB: !transposeB, alpha });
  return undefined;
}

/** The transpose of `value` where that costs nothing; undefined where it would cost a copy. */
function transposedView(builder: Builder, value: Value): Value | undefined {
  if (isMatrixTranspose(value)) return operand(value.operands, 0);
  if (value.shape.length === 0) return value;
  if (value.shape.length === 1) return builder.make('reshape', [value], { shape: [value.shape[0] ?? 1, 1] });
  if (value.shape.length === 2 && value.shape.includes(1))
    return builder.make('reshape', [value], { shape: [...value.shape].reverse() });
  if (value.op === 'matmul' && value.shape.length === 2) {
    const { transposeA, transposeB, alpha } = value.attributes;
    return builder.make('matmul', [...value.operands].reverse(), {
      transposeA: !transposeB,
      transposeB: !transposeA,
      alpha,
    });
  }
  return undefined;
}

function swap(builder: Builder, value: Value): Value {
  return isMatrixTranspose(value)
    ? operand(value.operands, 0)
    : builder.make('transpose', [value], { permutation: [1, 0] });
}

function count(graph: Graph, op: Value['op']): number {
  return topologicalOrder(graph).filter((value) => value.op === op).length;
}
