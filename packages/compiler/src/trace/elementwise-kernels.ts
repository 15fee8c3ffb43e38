import type { Builder, DType, OpAttributes, Value } from '../ir/index.js';
import { tf } from '../tfjs.js';
import { asFloat, filled, integer, type Kernels, scalarLike, type Translate } from './kernel-call.js';

/** Operations without attributes, of one operand or two. */
type Plain = {
  [Op in keyof OpAttributes]: OpAttributes[Op] extends Readonly<Record<string, never>> ? Op : never;
}[keyof OpAttributes];

const unary =
  (op: Plain): Translate =>
  ({ operand, builder }) =>
    builder.make(op, [operand('x')], {});

const binary =
  (op: Plain): Translate =>
  ({ operand, builder }) =>
    builder.make(op, [operand('a'), operand('b')], {});

const splat =
  (value: number): Translate =>
  ({ operand, builder }) =>
    filled(builder, value, operand('x').shape, operand('x').dtype);

function greaterThanZero(builder: Builder, x: Value): Value {
  return builder.make('greater', [x, builder.scalar(0)], {});
}

/** `x` above zero and `below` elsewhere. */
function bentAtZero(builder: Builder, x: Value, below: Value): Value {
  return builder.make('select', [greaterThanZero(builder, x), x, below], {});
}

function expMinusOne(builder: Builder, x: Value): Value {
  return builder.make('sub', [builder.make('exp', [x], {}), builder.scalar(1)], {});
}

/** `tanh(x / 2) (exp(x) + 1)`, which is `exp(x) - 1` and does not cancel where x is near zero. */
function expm1(builder: Builder, x: Value): Value {
  const half = builder.make('mul', [x, builder.scalar(0.5)], {});
  const sum = builder.make('add', [builder.make('exp', [x], {}), builder.scalar(1)], {});
  return builder.make('mul', [builder.make('tanh', [half], {}), sum], {});
}

/** Near zero `2 atanh(x / (x + 2))`, for which nothing is rounded to 1 before its logarithm. */
function log1p(builder: Builder, x: Value): Value {
  const isNear = builder.make('less', [builder.make('abs', [x], {}), builder.scalar(0.5)], {});
  const ratio = builder.make('div', [x, builder.make('add', [x, builder.scalar(2)], {})], {});
  const near = builder.make('mul', [builder.make('atanh', [ratio], {}), builder.scalar(2)], {});
  const far = builder.make('log', [builder.make('add', [x, builder.scalar(1)], {})], {});
  return builder.make('select', [isNear, near, far], {});
}

/** An integer to divide by: engines fail at 0, where tfjs's quotient and remainder are 0. */
function divisor(builder: Builder, b: Value): { readonly usable: Value; readonly isZero?: Value } {
  if (b.op === 'constant' && !b.attributes.data.includes(0)) return { usable: b };
  const isZero = builder.make('equal', [b, integer(builder, 0)], {});
  return { usable: builder.make('select', [isZero, integer(builder, 1), b], {}), isZero };
}

/** Whether the magnitude of x is infinite, or less. */
const magnitude =
  (op: 'equal' | 'less'): Translate =>
  ({ operand, builder }) =>
    builder.make(op, [builder.make('abs', [operand('x')], {}), builder.scalar(Infinity)], {});

/** Kernels that work element by element, with broadcasting. */
export const elementwiseKernels: Kernels = {
  Neg: unary('neg'),
  Abs: unary('abs'),
  Sign: unary('sign'),
  /** tfjs's is float32 whatever its operand is. */
  Exp: ({ operand, builder }) => builder.make('exp', [asFloat(builder, operand('x'))], {}),
  Log: unary('log'),
  Sqrt: unary('sqrt'),
  Reciprocal: unary('reciprocal'),
  Floor: unary('floor'),
  Ceil: unary('ceil'),
  Round: unary('round'),
  Sin: unary('sin'),
  Cos: unary('cos'),
  Tan: unary('tan'),
  Asin: unary('asin'),
  Acos: unary('acos'),
  Atan: unary('atan'),
  Sinh: unary('sinh'),
  Cosh: unary('cosh'),
  Asinh: unary('asinh'),
  Acosh: unary('acosh'),
  Atanh: unary('atanh'),
  Erf: unary('erf'),
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Tanh: unary('tanh'),
  Softplus: unary('softplus'),
  LogicalNot: unary('not'),
  Identity: ({ operand }) => operand('x'),
  Expm1: ({ operand, builder }) => expm1(builder, operand('x')),
  Log1p: ({ operand, builder }) => log1p(builder, operand('x')),
  Rsqrt: ({ operand, builder }) => builder.make('reciprocal', [builder.make('sqrt', [operand('x')], {})], {}),
  Square: ({ operand, builder }) => builder.make('mul', [operand('x'), operand('x')], {}),
  IsNan: ({ operand, builder }) => builder.make('not', [builder.make('equal', [operand('x'), operand('x')], {})], {}),
  IsInf: magnitude('equal'),
  IsFinite: magnitude('less'),
  Relu6: ({ operand, builder }) =>
    builder.make('min', [builder.make('relu', [operand('x')], {}), scalarLike(builder, operand('x'), 6)], {}),
  ClipByValue: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const bound = (name: string): Value => scalarLike(builder, x, attributes[name] as number);
    return builder.make('min', [builder.make('max', [x, bound('clipValueMin')], {}), bound('clipValueMax')], {});
  },
  LeakyRelu: ({ operand, attributes, builder }) => {
    const x = asFloat(builder, operand('x'));
    return bentAtZero(builder, x, builder.make('mul', [x, builder.scalar(attributes['alpha'] as number)], {}));
  },
  Prelu: ({ operand, builder }) => {
    const x = asFloat(builder, operand('x'));
    return bentAtZero(builder, x, builder.make('mul', [x, asFloat(builder, operand('alpha'))], {}));
  },
  Elu: ({ operand, builder }) => bentAtZero(builder, operand('x'), expMinusOne(builder, operand('x'))),
  EluGrad: ({ operand, builder }) => {
    const [dy, y] = [operand('dy'), operand('y')];
    const negative = builder.make('mul', [dy, builder.make('add', [y, builder.scalar(1)], {})], {});
    return builder.make('select', [builder.make('greaterEqual', [y, builder.scalar(0)], {}), dy, negative], {});
  },
  Selu: ({ operand, builder }) => {
    const x = operand('x');
    const above = builder.make('mul', [x, builder.scalar(tf.backend_util.SELU_SCALE)], {});
    const below = builder.make('mul', [expMinusOne(builder, x), builder.scalar(tf.backend_util.SELU_SCALEALPHA)], {});
    return builder.make('select', [builder.make('greaterEqual', [x, builder.scalar(0)], {}), above, below], {});
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
  Mod: ({ operand, builder }) => {
    const [a, b] = [operand('a'), operand('b')];
    return builder.make('mod', [a, b.dtype === 'int32' ? divisor(builder, b).usable : b], {});
  },
  /** Rounded towards minus infinity; an integer, as tfjs has it. */
  FloorDiv: ({ operand, builder }) => {
    const [a, b] = [operand('a'), operand('b')];
    if (a.dtype === 'float32')
      return builder.make('cast', [builder.make('floor', [builder.make('div', [a, b], {})], {})], { dtype: 'int32' });
    const { usable, isZero } = divisor(builder, b);
    const multiple = builder.make('sub', [a, builder.make('mod', [a, usable], {})], {});
    const quotient = builder.make('div', [multiple, usable], {});
    return isZero === undefined ? quotient : builder.make('select', [isZero, integer(builder, 0), quotient], {});
  },
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
  ZerosLike: splat(0),
  OnesLike: splat(1),
};
