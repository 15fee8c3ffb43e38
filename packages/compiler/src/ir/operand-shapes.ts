import { CompileError } from '../compile-error.js';
import type { OpAttributes, OpName, Pair, Shape, Value, Window } from './value.js';

/** An operation was given operands whose shapes do not go together, or do not go with its attributes. */
export class OperandShapeError extends CompileError {
  /** What the operation needs: the end of a sentence. */
  readonly needed: string;

  constructor(op: OpName, operands: readonly Value[], needed: string) {
    super('COMPILE_INVALID', `${op} does not take ${shapesOf(operands)}: ${needed}.`);
    this.name = 'OperandShapeError';
    this.needed = needed;
  }
}

/** The operands' shapes as a list in words. */
export function shapesOf(operands: readonly Pick<Value, 'shape'>[]): string {
  return operands.map(({ shape }) => written(shape)).join(' and ');
}

/** What is needed and not given; undefined where all is. */
type Lacks<Op extends OpName> = (
  operands: readonly Pick<Value, 'shape'>[],
  attributes: OpAttributes[Op],
) => string | undefined;

const innerSizes: Lacks<'matmul' | 'gemm'> = (operands, { transposeA, transposeB }) => {
  const [a = [], b = []] = operands.map(({ shape }) => shape);
  const [left, right] = [a.at(transposeA ? -2 : -1), b.at(transposeB ? -1 : -2)];
  if (left === right) return undefined;
  return `the inner sizes of a product have to be the same, and are ${left ?? 'none'} and ${right ?? 'none'}`;
};

const room =
  <Op extends 'conv2d' | 'depthwiseConv2d' | 'maxPool' | 'avgPool'>(
    reachOf: (operands: readonly Pick<Value, 'shape'>[], attributes: OpAttributes[Op]) => Pair,
  ): Lacks<Op> =>
  (operands, attributes) => {
    const { paddings }: Window = attributes;
    const reach = reachOf(operands, attributes);
    const images = paddings.map(([before, after], axis) => (operands[0]?.shape[axis + 1] ?? 0) + before + after);
    if (reach.every((length, axis) => length <= (images[axis] ?? 0))) return undefined;
    return `a window of ${reach.join(' by ')} has to fit into images that are, with their padding, ${images.join(' by ')}`;
  };

const filterOf = room<'conv2d' | 'depthwiseConv2d'>(([, filter], { dilations: [down, across] }) => {
  const [height = 1, width = 1] = filter?.shape ?? [];
  return [(height - 1) * down + 1, (width - 1) * across + 1];
});
const poolOf = room<'maxPool' | 'avgPool'>((_, { size }) => size);

/** Of those operations of which tfjs checks nothing before its kernels, which a trace replaces. */
const lacking: { readonly [Op in OpName]?: Lacks<Op> } = {
  matmul: innerSizes,
  gemm: innerSizes,
  transpose: ([x], { permutation }) => {
    const axes = x?.shape.length ?? 0;
    const isWhole = permutation.length === axes && new Set(permutation).size === axes;
    if (isWhole && permutation.every((axis) => axis >= 0 && axis < axes)) return undefined;
    return `a permutation names each axis from 0 to ${axes - 1} once, and is ${written(permutation)}`;
  },
  concat: (operands, { axis }) => {
    const [first = [], ...others] = operands.map(({ shape }) => shape.toSpliced(axis, 1));
    if (others.every((other) => other.length === first.length && other.every((size, i) => size === first[i])))
      return undefined;
    return `sizes along all axes but ${axis} have to be the same`;
  },
  slice: ([x], { begin, size }) => {
    const isWithin = (start: number, length: number, whole: number): boolean =>
      start >= 0 && length >= 0 && start + length <= whole;
    if (x?.shape.every((whole, axis) => isWithin(begin[axis] ?? 0, size[axis] ?? 0, whole)) === true) return undefined;
    return `a slice has to lie inside, and begins at ${written(begin)} with a size of ${written(size)}`;
  },
  pad: (_, { paddings }) => {
    if (paddings.flat().every((padding) => padding >= 0)) return undefined;
    return `paddings cannot be negative, and are ${paddings.map(written).join(', ')}`;
  },
  conv2d: filterOf,
  depthwiseConv2d: filterOf,
  maxPool: poolOf,
  avgPool: poolOf,
};

/** Throws OperandShapeError. */
export function checkOperandShapes<Op extends OpName>(
  op: Op,
  operands: readonly Value[],
  attributes: OpAttributes[Op],
): void {
  const needed = lacking[op]?.(operands, attributes);
  if (needed !== undefined) throw new OperandShapeError(op, operands, needed);
}

function written(numbers: Shape): string {
  return `[${numbers.join(', ')}]`;
}
