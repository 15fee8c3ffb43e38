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
import { isVariant } from '../variant.js';
import { isMatrixTranspose, simplify } from './simplify.js';

/** Above this many elements a transposed weight is slower (measured: 784x128 gains 11 %, 512x3136 loses). */
const LARGEST = 262_144;
/** Rows of a transposed gradient shorter than this would not fill a vector register. */
const FEWEST_ROWS = 16;

export interface LaidOut {
  readonly graph: Graph;
  /** Names of the carried inputs that the graph keeps transposed. */
  readonly transposed: ReadonlySet<string>;
}

/**
 * Keeps small weight matrices `[in, out]` as `[out, in]` inside the loop: the gradient product then writes rows as the
 * matrix library likes them. The largest matrices choose first; each is turned if no product or transpose is then done
 * more often in a step. A static rule by shape, never by timing, since the layout changes bits.
 */
export function chooseLayout(graph: Graph): LaidOut {
  let laidOut: LaidOut = { graph, transposed: new Set() };
  for (const name of weightMatrices(graph)) {
    const turned = simplify(rewriteToFixpoint(storeTransposed(laidOut.graph, name), liftTransposes));
    const isNoWorse = (['transpose', 'matmul'] as const).every((op) => count(turned, op) <= count(laidOut.graph, op));
    if (isNoWorse) laidOut = { graph: turned, transposed: new Set([...laidOut.transposed, name]) };
  }
  return laidOut;
}

/** Names of the carried matrices that may gain from another layout, the largest first. */
function weightMatrices(graph: Graph): string[] {
  return topologicalOrder(graph)
    .flatMap((value) => {
      const [rows = 0, columns = 0] = value.shape;
      const fits = value.shape.length === 2 && rows >= FEWEST_ROWS && rows * columns <= LARGEST;
      return value.op === 'input' && value.attributes.name in graph && fits
        ? [{ name: value.attributes.name, size: rows * columns }]
        : [];
    })
    .sort((a, b) => b.size - a.size)
    .map(({ name }) => name);
}

function storeTransposed(graph: Graph, stored: string): Graph {
  return rewrite(
    graph,
    (value, _, builder) =>
      value.op === 'input' && value.attributes.name === stored
        ? swap(builder, builder.input(stored, [...value.shape].reverse(), value.dtype))
        : undefined,
    (name, value, builder) => (name === stored ? swap(builder, value) : value),
  );
}

/** Moves transposes from operands to results, until they meet their opposite or a product takes them as a flag. */
const liftTransposes: Rule = (value, operands, builder) => {
  const [a, b] = operands;
  if (a === undefined || !isVariant(value)) return undefined;
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

/** The transpose of `value` where that costs nothing in a step; undefined where it would cost a copy. */
function transposedView(builder: Builder, value: Value): Value | undefined {
  if (isMatrixTranspose(value)) return operand(value.operands, 0);
  if (value.shape.length === 2 && !isVariant(value)) return swap(builder, value);
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

/** How often a step does `op`; what does not change from step to step is done before the loop. */
function count(graph: Graph, op: Value['op']): number {
  return topologicalOrder(graph).filter((value) => value.op === op && isVariant(value)).length;
}
