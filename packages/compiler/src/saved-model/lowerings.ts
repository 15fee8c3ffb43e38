import { type OpAttributes, type OpName, operand, sizeOf, type Value, type ValueOf } from '../ir/index.js';
import { type Attribute, DataType, dataTypes } from './nodes.js';
import type { TensorflowOp } from './operations.js';
import type { Emitter } from './scope.js';
import { windowLowerings } from './window-lowerings.js';

export type Lowering<Op extends OpName> = (inputs: readonly string[], value: ValueOf<Op>, emitter: Emitter) => string;

const INDEX = { type: DataType.DT_INT32 } as const;

/** The attribute that says what an operation's operands are. */
const typeOf = (value: Value): Attribute => ({ type: dataTypes[value.dtype] });
const typeOfOperand = (value: Value, i = 0): Attribute => typeOf(operand(value.operands, i));

const simple =
  (op: TensorflowOp) =>
  (inputs: readonly string[], value: Value, { emit }: Emitter): string =>
    emit(op, inputs, { T: typeOfOperand(value) });

const logical =
  (op: TensorflowOp) =>
  (inputs: readonly string[], _value: Value, { emit }: Emitter): string =>
    emit(op, inputs);

const reduction =
  (op: TensorflowOp) =>
  (
    [x = '']: readonly string[],
    value: ValueOf<'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceMean' | 'reduceProd'>,
    { emit, int32 }: Emitter,
  ): string =>
    emit(op, [x, int32(value.attributes.axes)], {
      keep_dims: value.attributes.keepDimensions,
      T: typeOf(value),
      Tidx: INDEX,
    });

/** `alpha` goes to whichever is smallest: an operand or the product. */
function product(
  [a = '', b = '']: readonly string[],
  {
    operands,
    attributes,
    shape,
  }: { readonly operands: readonly Value[] } & {
    readonly attributes: OpAttributes['matmul'];
    readonly shape: readonly number[];
  },
  { emit, float32 }: Emitter,
): string {
  const { transposeA, transposeB, alpha } = attributes;
  const T = { type: DataType.DT_FLOAT };
  const scaled = (x: string): string => {
    if (alpha === -1) return emit('Neg', [x], { T });
    return alpha === 1 ? x : emit('Mul', [x, float32([alpha])], { T });
  };
  const multiply = (left: string, right: string): string =>
    shape.length === 2
      ? emit('MatMul', [left, right], { transpose_a: transposeA, transpose_b: transposeB, T })
      : emit('BatchMatMulV2', [left, right], { adj_x: transposeA, adj_y: transposeB, T });
  const [sizeA, sizeB] = [sizeOf(operand(operands, 0).shape), sizeOf(operand(operands, 1).shape)];
  if (sizeOf(shape) <= Math.min(sizeA, sizeB)) return scaled(multiply(a, b));
  return sizeA <= sizeB ? multiply(scaled(a), b) : multiply(a, scaled(b));
}

/** An addition of a vector along the last axis has an operation of its own, which TensorFlow fuses into products. */
const add: Lowering<'add'> = (inputs, value, { emit }) => {
  const T = typeOf(value);
  const [a, b] = [operand(value.operands, 0), operand(value.operands, 1)];
  const isBias = (vector: Value, rest: Value): boolean =>
    value.dtype === 'float32' &&
    vector.shape.length === 1 &&
    rest.shape.length >= 2 &&
    rest.shape.length <= 5 &&
    rest.shape.at(-1) === vector.shape[0];
  if (isBias(b, a)) return emit('BiasAdd', inputs, { T });
  return isBias(a, b) ? emit('BiasAdd', [...inputs].reverse(), { T }) : emit('AddV2', inputs, { T });
};

/** One small function an operation; a new one without an entry does not compile. A scan needs functions: see emit-value.ts. */
const lowerings: { readonly [Op in Exclude<OpName, 'input' | 'constant' | 'scan'>]: Lowering<Op> } = {
  neg: simple('Neg'),
  abs: simple('Abs'),
  sign: simple('Sign'),
  exp: simple('Exp'),
  log: simple('Log'),
  sqrt: simple('Sqrt'),
  reciprocal: simple('Reciprocal'),
  floor: simple('Floor'),
  ceil: simple('Ceil'),
  round: simple('Round'),
  sin: simple('Sin'),
  cos: simple('Cos'),
  tan: simple('Tan'),
  asin: simple('Asin'),
  acos: simple('Acos'),
  atan: simple('Atan'),
  sinh: simple('Sinh'),
  cosh: simple('Cosh'),
  asinh: simple('Asinh'),
  acosh: simple('Acosh'),
  atanh: simple('Atanh'),
  erf: simple('Erf'),
  relu: simple('Relu'),
  sigmoid: simple('Sigmoid'),
  tanh: simple('Tanh'),
  softplus: simple('Softplus'),
  not: logical('LogicalNot'),
  add,
  sub: simple('Sub'),
  mul: simple('Mul'),
  div: simple('Div'),
  max: simple('Maximum'),
  min: simple('Minimum'),
  pow: simple('Pow'),
  mod: simple('FloorMod'),
  equal: simple('Equal'),
  greater: simple('Greater'),
  greaterEqual: simple('GreaterEqual'),
  less: simple('Less'),
  lessEqual: simple('LessEqual'),
  and: logical('LogicalAnd'),
  or: logical('LogicalOr'),
  select: (inputs, value, { emit }) => emit('SelectV2', inputs, { T: typeOf(value) }),
  softmax: simple('Softmax'),
  logSoftmax: simple('LogSoftmax'),
  cast: (inputs, value, { emit }) => emit('Cast', inputs, { SrcT: typeOfOperand(value), DstT: typeOf(value) }),
  matmul: product,
  gemm: (inputs, value, emitter) =>
    emitter.emit('AddV2', [product(inputs, value, emitter), inputs[2] ?? ''], { T: typeOf(value) }),
  reduceSum: reduction('Sum'),
  reduceMax: reduction('Max'),
  reduceMin: reduction('Min'),
  reduceMean: reduction('Mean'),
  reduceProd: reduction('Prod'),
  argMax: ([x = ''], value, { emit, int32 }) =>
    emit('ArgMax', [x, int32([value.attributes.axis], [])], {
      T: typeOfOperand(value),
      Tidx: INDEX,
      output_type: INDEX,
    }),
  reshape: ([x = ''], value, { emit, int32 }) =>
    emit('Reshape', [x, int32(value.shape)], { T: typeOf(value), Tshape: INDEX }),
  broadcast: ([x = ''], value, { emit, int32 }) =>
    emit('BroadcastTo', [x, int32(value.shape)], { T: typeOf(value), Tidx: INDEX }),
  transpose: ([x = ''], value, { emit, int32 }) =>
    emit('Transpose', [x, int32(value.attributes.permutation)], { T: typeOf(value), Tperm: INDEX }),
  concat: (inputs, value, { emit, int32 }) =>
    inputs.length === 1
      ? emit('Identity', inputs, { T: typeOf(value) })
      : emit('ConcatV2', [...inputs, int32([value.attributes.axis], [])], {
          N: { int: inputs.length },
          T: typeOf(value),
          Tidx: INDEX,
        }),
  slice: ([x = ''], value, { emit, int32 }) =>
    emit('Slice', [x, int32(value.attributes.begin), int32(value.attributes.size)], { T: typeOf(value), Index: INDEX }),
  stridedSlice: ([x = ''], value, { emit, int32 }) => {
    const { begin, strides, size } = value.attributes;
    const ends = begin.map((start, axis) => start + (size[axis] ?? 0) * (strides[axis] ?? 1));
    // An end before the first element would count from the back.
    const openEnds = ends.reduce((mask, end, axis) => (end < 0 ? mask | (1 << axis) : mask), 0);
    return emit('StridedSlice', [x, int32(begin), int32(ends), int32(strides)], {
      T: typeOf(value),
      Index: INDEX,
      end_mask: { int: openEnds },
    });
  },
  pad: ([x = ''], value, { emit, int32, float32 }) => {
    const { paddings, value: filler } = value.attributes;
    const filled = value.dtype === 'int32' ? int32([filler], []) : float32([filler]);
    return emit('PadV2', [x, int32(paddings.flat(), [paddings.length, 2]), filled], {
      T: typeOf(value),
      Tpaddings: INDEX,
    });
  },
  tile: ([x = ''], value, { emit, int32 }) =>
    emit('Tile', [x, int32(value.attributes.repeats)], { T: typeOf(value), Tmultiples: INDEX }),
  gather: ([x = '', indices = ''], value, { emit, int32 }) =>
    emit('GatherV2', [x, indices, int32([value.attributes.axis], [])], {
      Tparams: typeOf(value),
      Tindices: typeOfOperand(value, 1),
      Taxis: INDEX,
      batch_dims: { int: 0 },
    }),
  window: ([x = '', start = ''], value, { emit, int32 }) =>
    emit('Slice', [x, start, int32([value.attributes.size])], { T: typeOf(value), Index: INDEX }),
  oneHot: ([indices = ''], { attributes: { depth, on, off } }, { emit, int32, float32 }) =>
    emit('OneHot', [indices, int32([depth], []), float32([on]), float32([off])], {
      T: { type: DataType.DT_FLOAT },
      TI: INDEX,
      axis: { int: -1 },
    }),
  segmentSum: ([x = '', ids = ''], value, { emit, int32 }) =>
    emit('UnsortedSegmentSum', [x, ids, int32([value.attributes.segments], [])], {
      T: typeOf(value),
      Tindices: INDEX,
      Tnumsegments: INDEX,
    }),
  ...windowLowerings,
};

/** Lowers one operation whose operands' names are known. */
export function lower(
  value: Exclude<Value, ValueOf<'input'> | ValueOf<'constant'> | ValueOf<'scan'>>,
  inputs: readonly string[],
  emitter: Emitter,
): string {
  return (lowerings[value.op] as Lowering<OpName>)(inputs, value, emitter);
}
