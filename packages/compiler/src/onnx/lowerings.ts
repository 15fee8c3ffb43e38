import { type DType, type OpAttributes, type OpName, type Value, type ValueOf } from '../ir/index.js';
import { type Attribute, BEFORE_ALL, DataType, MICROSOFT } from './nodes.js';
import { windowLowerings } from './window-lowerings.js';

/** Where a lowering puts its nodes; every method answers with the name of the result. */
export interface Emitter {
  emit(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    domain?: string,
  ): string;
  /** A constant 1-D int64 tensor. */
  int64(values: readonly number[]): string;
  constant(values: Float32Array | Int32Array, dims: readonly number[]): string;
}

export type Lowering<Op extends OpName> = (inputs: readonly string[], value: ValueOf<Op>, emitter: Emitter) => string;

export const elementTypes: Readonly<Record<DType, DataType>> = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  bool: DataType.BOOL,
  uint8: DataType.UINT8,
};

const simple =
  (opType: string, attributes: Readonly<Record<string, Attribute>> = {}) =>
  (inputs: readonly string[], _value: Value, { emit }: Emitter): string =>
    emit(opType, inputs, attributes);

const reduction =
  (opType: string) =>
  (inputs: readonly string[], value: { readonly attributes: OpAttributes['reduceMax'] }, { emit }: Emitter): string =>
    emit(opType, inputs, { axes: value.attributes.axes, keepdims: Number(value.attributes.keepDimensions) });

const gemm = (inputs: readonly string[], value: ValueOf<'gemm'> | ValueOf<'matmul'>, { emit }: Emitter): string => {
  const { transposeA, transposeB, alpha } = value.attributes;
  return emit('Gemm', inputs, { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } });
};

/** One small function an operation; a new one without an entry does not compile. A scan needs a graph: see emit.ts. Operator set 17. */
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
  not: simple('Not'),
  add: simple('Add'),
  sub: simple('Sub'),
  mul: simple('Mul'),
  div: simple('Div'),
  max: simple('Max'),
  min: simple('Min'),
  pow: simple('Pow'),
  /** ONNX's Mod of floats has the sign of the dividend. */
  mod: ([a = '', b = ''], { dtype }, { emit, constant }) => {
    if (dtype !== 'float32') return emit('Mod', [a, b]);
    const remainder = emit('Mod', [a, b], { fmod: 1 });
    const isOpposite = emit('Less', [emit('Mul', [remainder, b]), constant(Float32Array.of(0), [])]);
    return emit('Where', [isOpposite, emit('Add', [remainder, b]), remainder]);
  },
  equal: simple('Equal'),
  greater: simple('Greater'),
  greaterEqual: simple('GreaterOrEqual'),
  less: simple('Less'),
  lessEqual: simple('LessOrEqual'),
  and: simple('And'),
  or: simple('Or'),
  select: simple('Where'),
  softmax: simple('Softmax', { axis: -1 }),
  logSoftmax: simple('LogSoftmax', { axis: -1 }),
  cast: (inputs, value, { emit }) => emit('Cast', inputs, { to: elementTypes[value.attributes.dtype] }),
  matmul: (inputs, value, emitter) => {
    if (value.shape.length === 2) return gemm(inputs, value, emitter);
    const { transposeA, transposeB, alpha } = value.attributes;
    return emitter.emit(
      'FusedMatMul',
      inputs,
      { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } },
      MICROSOFT,
    );
  },
  gemm,
  reduceSum: ([x = ''], value, { emit, int64 }) =>
    emit('ReduceSum', [x, int64(value.attributes.axes)], { keepdims: Number(value.attributes.keepDimensions) }),
  reduceMax: reduction('ReduceMax'),
  reduceMin: reduction('ReduceMin'),
  reduceMean: reduction('ReduceMean'),
  reduceProd: reduction('ReduceProd'),
  argMax: (inputs, value, { emit }) =>
    emit('Cast', [emit('ArgMax', inputs, { axis: value.attributes.axis, keepdims: 0 })], { to: DataType.INT32 }),
  reshape: ([x = ''], value, { emit, int64 }) => emit('Reshape', [x, int64(value.shape)]),
  broadcast: ([x = ''], value, { emit, int64 }) => emit('Expand', [x, int64(value.shape)]),
  transpose: (inputs, value, { emit }) => emit('Transpose', inputs, { perm: value.attributes.permutation }),
  concat: (inputs, value, { emit }) => emit('Concat', inputs, { axis: value.attributes.axis }),
  slice: ([x = ''], { attributes: { begin, size } }, { emit, int64 }) =>
    emit('Slice', [x, int64(begin), int64(begin.map((start, axis) => start + (size[axis] ?? 0)))]),
  stridedSlice: ([x = ''], { attributes: { begin, strides, size } }, { emit, int64 }) => {
    // An end of -1 would be the last element.
    const ends = begin.map((start, axis) => {
      const end = start + (size[axis] ?? 0) * (strides[axis] ?? 1);
      return end < 0 ? BEFORE_ALL : end;
    });
    return emit('Slice', [x, int64(begin), int64(ends), int64(begin.map((_, axis) => axis)), int64(strides)]);
  },
  pad: ([x = ''], { dtype, attributes: { paddings, value } }, { emit, int64, constant }) =>
    emit('Pad', [
      x,
      int64([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]),
      constant(dtype === 'float32' ? Float32Array.of(value) : Int32Array.of(value), []),
    ]),
  tile: ([x = ''], value, { emit, int64 }) => emit('Tile', [x, int64(value.attributes.repeats)]),
  gather: (inputs, value, { emit }) => emit('Gather', inputs, { axis: value.attributes.axis }),
  window: ([x = '', start = ''], value, { emit, int64 }) => {
    const from = emit('Cast', [start], { to: DataType.INT64 });
    return emit('Slice', [x, from, emit('Add', [from, int64([value.attributes.size])])]);
  },
  /** Whatever is no class is `off` everywhere; ONNX's own OneHot counts negative ones from the end. */
  oneHot: ([indices = ''], { attributes: { depth, on, off } }, { emit, int64, constant }) => {
    const classes = constant(
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
    );
    const isClass = emit('Equal', [emit('Unsqueeze', [indices, int64([-1])]), classes]);
    return emit('Where', [isClass, constant(Float32Array.of(on), []), constant(Float32Array.of(off), [])]);
  },
  segmentSum: ([x = '', ids = ''], value, { emit, int64, constant }) => {
    const zeros = emit('Expand', [constant(Float32Array.of(0), []), int64(value.shape)]);
    const places = emit('Unsqueeze', [emit('Cast', [ids], { to: DataType.INT64 }), int64([1])]);
    return emit('ScatterND', [zeros, places, x], { reduction: 'add' });
  },
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
