import type { BackendValues } from '@tensorflow/tfjs';
import { backend_util as backendUtil, slice_util as sliceUtil, util } from '@tensorflow/tfjs';
import { CompileError } from '../compile-error.js';
import { type Builder, type DType, type Shape, sizeOf, type Value } from '../ir/index.js';
import { authorLine } from './author-line.js';

/** A traced call of a tfjs kernel: its operands as IR values and its attributes as tfjs gives them. */
export interface KernelCall {
  /** Operand by tfjs's name of it, e.g. `a`, `b`, `x`. */
  readonly operand: (name: string) => Value;
  /** All operands in order, for kernels that take a list. */
  readonly operands: readonly Value[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly builder: Builder;
}

/** Puts one tfjs kernel into canonical operations; a list where the kernel has several results. */
type Translate = (call: KernelCall) => Value | readonly Value[];

const unary =
  (
    op:
      | 'neg'
      | 'abs'
      | 'sign'
      | 'exp'
      | 'log'
      | 'sqrt'
      | 'reciprocal'
      | 'floor'
      | 'ceil'
      | 'round'
      | 'sin'
      | 'cos'
      | 'erf'
      | 'relu'
      | 'sigmoid'
      | 'tanh'
      | 'softplus'
      | 'not',
  ): Translate =>
  ({ operand, builder }) =>
    builder.make(op, [operand('x')], {});

const binary =
  (
    op:
      | 'add'
      | 'sub'
      | 'mul'
      | 'div'
      | 'max'
      | 'min'
      | 'pow'
      | 'equal'
      | 'greater'
      | 'greaterEqual'
      | 'less'
      | 'lessEqual'
      | 'and'
      | 'or',
  ): Translate =>
  ({ operand, builder }) =>
    builder.make(op, [operand('a'), operand('b')], {});

const reduce =
  (op: 'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceMean' | 'reduceProd'): Translate =>
  ({ operand, attributes, builder }) => {
    const x = operand('x');
    const axes = util.parseAxisParam((attributes['axis'] ?? attributes['reductionIndices']) as number | number[], [
      ...x.shape,
    ]);
    return builder.make(op, [x], { axes, keepDimensions: attributes['keepDims'] === true });
  };

const splat =
  (value: number): Translate =>
  ({ operand, builder }) =>
    filled(builder, value, operand('x').shape, operand('x').dtype);

function broadcast(builder: Builder, value: Value, shape: Shape): Value {
  return builder.make('broadcast', [value], { shape });
}

/** `value` everywhere, as float32 or as the dtype that tfjs says. */
function filled(builder: Builder, value: number, shape: Shape, dtype: string): Value {
  const scalar =
    dtype === 'float32' ? builder.scalar(value) : builder.constant(Int32Array.of(value), [], dtype as DType);
  return broadcast(builder, scalar, shape);
}

/** The part of `x` from `start` on along `axis`, `length` long. */
function sliceAlong(builder: Builder, x: Value, axis: number, start: number, length: number): Value {
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  const size = x.shape.map((whole, i) => (i === axis ? length : whole));
  return builder.make('slice', [x], { begin, size });
}

function greaterThanZero(builder: Builder, x: Value): Value {
  return builder.make('greater', [x, builder.scalar(0)], {});
}

function matmul({ operand, attributes, builder }: KernelCall): Value {
  return builder.make('matmul', [operand('a'), operand('b')], {
    transposeA: attributes['transposeA'] === true,
    transposeB: attributes['transposeB'] === true,
    alpha: 1,
  });
}

/** Every tfjs kernel that can be traced; the others are refused where they are called. */
export const kernels: Readonly<Record<string, Translate>> = {
  Neg: unary('neg'),
  Abs: unary('abs'),
  Sign: unary('sign'),
  Exp: unary('exp'),
  Log: unary('log'),
  Sqrt: unary('sqrt'),
  Reciprocal: unary('reciprocal'),
  Floor: unary('floor'),
  Ceil: unary('ceil'),
  Round: unary('round'),
  Sin: unary('sin'),
  Cos: unary('cos'),
  Erf: unary('erf'),
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Tanh: unary('tanh'),
  Softplus: unary('softplus'),
  LogicalNot: unary('not'),
  Identity: ({ operand }) => operand('x'),
  Rsqrt: ({ operand, builder }) => builder.make('reciprocal', [builder.make('sqrt', [operand('x')], {})], {}),
  Square: ({ operand, builder }) => builder.make('mul', [operand('x'), operand('x')], {}),
  Relu6: ({ operand, builder }) =>
    builder.make('min', [builder.make('relu', [operand('x')], {}), builder.scalar(6)], {}),
  ClipByValue: ({ operand, attributes, builder }) =>
    builder.make(
      'min',
      [
        builder.make('max', [operand('x'), builder.scalar(attributes['clipValueMin'] as number)], {}),
        builder.scalar(attributes['clipValueMax'] as number),
      ],
      {},
    ),
  LeakyRelu: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const scaled = builder.make('mul', [x, builder.scalar(attributes['alpha'] as number)], {});
    return builder.make('select', [greaterThanZero(builder, x), x, scaled], {});
  },
  Elu: ({ operand, builder }) => {
    const x = operand('x');
    const negative = builder.make('sub', [builder.make('exp', [x], {}), builder.scalar(1)], {});
    return builder.make('select', [greaterThanZero(builder, x), x, negative], {});
  },
  EluGrad: ({ operand, builder }) => {
    const [dy, y] = [operand('dy'), operand('y')];
    const negative = builder.make('mul', [dy, builder.make('add', [y, builder.scalar(1)], {})], {});
    return builder.make('select', [builder.make('greaterEqual', [y, builder.scalar(0)], {}), dy, negative], {});
  },
  /** 1 above zero, `alpha` elsewhere: the gradient of abs uses alpha = -1, the others use 0. */
  Step: ({ operand, attributes, builder }) => {
    const above = greaterThanZero(builder, operand('x'));
    const alpha = (attributes['alpha'] as number | undefined) ?? 0;
    if (alpha === 0) return builder.make('cast', [above], { dtype: 'float32' });
    return builder.make('select', [above, builder.scalar(1), builder.scalar(alpha)], {});
  },
  Add: binary('add'),
  Sub: binary('sub'),
  Multiply: binary('mul'),
  RealDiv: binary('div'),
  Maximum: binary('max'),
  Minimum: binary('min'),
  Pow: binary('pow'),
  Equal: binary('equal'),
  Greater: binary('greater'),
  GreaterEqual: binary('greaterEqual'),
  Less: binary('less'),
  LessEqual: binary('lessEqual'),
  LogicalAnd: binary('and'),
  LogicalOr: binary('or'),
  NotEqual: ({ operand, builder }) =>
    builder.make('not', [builder.make('equal', [operand('a'), operand('b')], {})], {}),
  SquaredDifference: ({ operand, builder }) => {
    const difference = builder.make('sub', [operand('a'), operand('b')], {});
    return builder.make('mul', [difference, difference], {});
  },
  AddN: ({ operands, builder }) => operands.reduce((sum, value) => builder.make('add', [sum, value], {})),
  Select: ({ operand, builder }) => builder.make('select', [operand('condition'), operand('t'), operand('e')], {}),
  Cast: ({ operand, attributes, builder }) =>
    builder.make('cast', [operand('x')], { dtype: attributes['dtype'] as DType }),
  BatchMatMul: matmul,
  Sum: reduce('reduceSum'),
  Mean: reduce('reduceMean'),
  Max: reduce('reduceMax'),
  Min: reduce('reduceMin'),
  Prod: reduce('reduceProd'),
  ArgMax: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const [axis = 0] = util.parseAxisParam(attributes['axis'] as number, [...x.shape]);
    return builder.make('argMax', [x], { axis });
  },
  Softmax: ({ operand, builder }) => builder.make('softmax', [operand('logits')], {}),
  Reshape: ({ operand, attributes, builder }) => {
    const x = operand('x');
    return builder.make('reshape', [x], {
      shape: util.inferFromImplicitShape(attributes['shape'] as number[], sizeOf(x.shape)),
    });
  },
  ExpandDims: ({ operand, attributes, builder }) => {
    const input = operand('input');
    const dimension = attributes['dim'] as number;
    const shape = [...input.shape];
    shape.splice(dimension < 0 ? dimension + shape.length + 1 : dimension, 0, 1);
    return builder.make('reshape', [input], { shape });
  },
  Transpose: ({ operand, attributes, builder }) =>
    builder.make('transpose', [operand('x')], { permutation: attributes['perm'] as number[] }),
  Concat: ({ operands, attributes, builder }) => {
    const [axis = 0] = util.parseAxisParam(attributes['axis'] as number, [...(operands[0]?.shape ?? [])]);
    return builder.make('concat', operands, { axis });
  },
  Pack: ({ operands, attributes, builder }) => {
    const rank = (operands[0]?.shape.length ?? 0) + 1;
    const axis = ((attributes['axis'] as number) + rank) % rank;
    const expanded = operands.map((value) =>
      builder.make('reshape', [value], { shape: [...value.shape.slice(0, axis), 1, ...value.shape.slice(axis)] }),
    );
    return builder.make('concat', expanded, { axis });
  },
  SplitV: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const [axis = 0] = util.parseAxisParam(attributes['axis'] as number, [...x.shape]);
    const sizes = backendUtil.prepareSplitSize(
      { shape: [...x.shape] } as never,
      attributes['numOrSizeSplits'] as number[],
      axis,
    );
    let start = 0;
    return sizes.map((size) => {
      start += size;
      return sliceAlong(builder, x, axis, start - size, size);
    });
  },
  Unpack: ({ operand, attributes, builder }) => {
    const value = operand('value');
    const [axis = 0] = util.parseAxisParam(attributes['axis'] as number, [...value.shape]);
    const shape = value.shape.toSpliced(axis, 1);
    return Array.from({ length: value.shape[axis] ?? 0 }, (_, i) =>
      builder.make('reshape', [sliceAlong(builder, value, axis, i, 1)], { shape }),
    );
  },
  Slice: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const shaped = { shape: [...x.shape], rank: x.shape.length } as never;
    const [begin = [], size = []] = sliceUtil.parseSliceParams(
      shaped,
      attributes['begin'] as number[],
      attributes['size'] as number[],
    );
    return builder.make('slice', [x], { begin, size });
  },
  PadV2: ({ operand, attributes, builder }) =>
    builder.make('pad', [operand('x')], {
      paddings: attributes['paddings'] as [number, number][],
      value: attributes['constantValue'] as number,
    }),
  Tile: ({ operand, attributes, builder }) =>
    builder.make('tile', [operand('x')], { repeats: attributes['reps'] as number[] }),
  Fill: ({ attributes, builder }) =>
    filled(builder, attributes['value'] as number, attributes['shape'] as number[], attributes['dtype'] as string),
  ZerosLike: splat(0),
  OnesLike: splat(1),
  GatherV2: ({ operand, attributes, builder }) => {
    if (attributes['batchDims'] !== 0) {
      throw new CompileError(
        'COMPILE_UNSUPPORTED_OP',
        'The tfjs operation GatherV2 with batchDims cannot be compiled.',
        { op: 'GatherV2', at: authorLine() },
      );
    }
    const x = operand('x');
    const [axis = 0] = util.parseAxisParam(attributes['axis'] as number, [...x.shape]);
    return builder.make('gather', [x, operand('indices')], { axis });
  },
  OneHot: ({ operand, attributes, builder }) =>
    builder.make('oneHot', [operand('indices')], {
      depth: attributes['depth'] as number,
      on: attributes['onValue'] as number,
      off: attributes['offValue'] as number,
    }),
};

/** What a tfjs constant holds, as the IR keeps it; booleans and integers become int32. */
export function constantData(values: BackendValues, dtype: string): Float32Array | Int32Array {
  const numbers = values as Float32Array | Int32Array | Uint8Array;
  return dtype === 'float32' ? Float32Array.from(numbers) : Int32Array.from(numbers);
}
