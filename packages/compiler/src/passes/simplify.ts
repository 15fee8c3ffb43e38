import {
  type Builder,
  broadcastShapes,
  type Graph,
  type OpName,
  operand,
  type Rule,
  rewriteToFixpoint,
  type Shape,
  sameShape,
  scalarConstant,
  sizeOf,
  type Value,
} from '../ir/index.js';

/** Removes what computes nothing: identities, chains of reshapes and transposes, arithmetic on constants. */
export function simplify(graph: Graph): Graph {
  return rewriteToFixpoint(graph, simpler);
}

/**
 * As {@link simplify}, but factors stay where they are instead of becoming a product's own. For graphs of any batch: a runtime
 * whose products have no factor puts it where the fewest elements are, and where that is may follow from the batch.
 */
export function simplifyBesideFactors(graph: Graph): Graph {
  return rewriteToFixpoint(graph, simplerBesideFactors);
}

const firstOf =
  (rulesOf: (op: OpName) => readonly Rule[]): Rule =>
  (value, operands, builder) => {
    for (const rule of rulesOf(value.op)) {
      const result = rule(value, operands, builder);
      if (result !== undefined) return result;
    }
    return undefined;
  };

const simpler = firstOf((op) => rules[op] ?? []);
const simplerBesideFactors = firstOf((op) => (rules[op] ?? []).filter((rule) => rule !== factors));

const identities: Rule = (value, operands) => {
  const [x] = operands;
  if (x === undefined) return undefined;
  if (value.op === 'cast' && value.dtype === x.dtype) return x;
  if ((value.op === 'reshape' || value.op === 'broadcast') && sameShape(value.shape, x.shape)) return x;
  if (value.op === 'transpose' && value.attributes.permutation.every((axis, i) => axis === i)) return x;
  if (isReduction(value) && value.attributes.axes.length === 0) return x;
  return undefined;
};

const reshapes: Rule = (value, operands, builder) => {
  const [x] = operands;
  if (value.op !== 'reshape' || x === undefined) return undefined;
  const { shape } = value;
  if (x.op === 'reshape') return builder.make('reshape', x.operands, { shape });
  if (x.op === 'broadcast' && sizeOf(operand(x.operands, 0).shape) === 1) {
    return builder.make('broadcast', [builder.make('reshape', x.operands, { shape: [] })], { shape });
  }
  if (isReduction(x)) {
    const kept = builder.make(x.op, x.operands, { ...x.attributes, keepDimensions: !x.attributes.keepDimensions });
    if (sameShape(kept.shape, shape)) return kept;
  }
  if (x.op === 'mul' && sizeOf(operand(x.operands, 1).shape) === 1) {
    return builder.make(
      'mul',
      [builder.make('reshape', [operand(x.operands, 0)], { shape }), asScalar(builder, operand(x.operands, 1))],
      {},
    );
  }
  return undefined;
};

const transposes: Rule = (value, operands, builder) => {
  const [x] = operands;
  if (value.op === 'transpose' && x?.op === 'transpose') {
    const inner = x.attributes.permutation;
    return builder.make('transpose', x.operands, {
      permutation: value.attributes.permutation.map((axis) => inner[axis] ?? axis),
    });
  }
  return undefined;
};

/** Transposed operands become flags of the product. */
const flags: Rule = (value, operands, builder) => {
  if (value.op !== 'matmul') return undefined;
  const [a, b] = [operand(operands, 0), operand(operands, 1)];
  const { transposeA, transposeB, alpha } = value.attributes;
  if (isMatrixTranspose(a))
    return builder.make('matmul', [operand(a.operands, 0), b], { transposeA: !transposeA, transposeB, alpha });
  if (isMatrixTranspose(b))
    return builder.make('matmul', [a, operand(b.operands, 0)], { transposeA, transposeB: !transposeB, alpha });
  return undefined;
};

/** What constantly scales operands becomes a factor of the product. */
const factors: Rule = (value, operands, builder) => {
  if (value.op !== 'matmul') return undefined;
  const [a, b] = [operand(operands, 0), operand(operands, 1)];
  const { transposeA, transposeB, alpha } = value.attributes;
  const scaledA = constantFactor(a, alpha);
  if (scaledA !== undefined)
    return builder.make('matmul', [scaledA.rest, b], { transposeA, transposeB, alpha: scaledA.product });
  const scaledB = constantFactor(b, alpha);
  if (scaledB !== undefined)
    return builder.make('matmul', [a, scaledB.rest], { transposeA, transposeB, alpha: scaledB.product });
  return undefined;
};

/** Integers that are made of whole numbers, and are taken as numbers again, as one-hot labels are in a loss. */
const casts: Rule = (value, operands, builder) => {
  const [x] = operands;
  if (value.op !== 'cast' || x?.op !== 'cast' || x.dtype !== 'int32' || value.dtype !== 'float32') return undefined;
  const whole = operand(x.operands, 0);
  if (whole.dtype === 'bool') return builder.make('cast', [whole], { dtype: 'float32' });
  const isWhole =
    whole.op === 'oneHot' && Number.isInteger(whole.attributes.on) && Number.isInteger(whole.attributes.off);
  return isWhole ? whole : undefined;
};

/** An element-wise operation broadcasts by itself. */
const broadcasts: Rule = (value, operands, builder) => {
  if (!isArithmetic(value)) return undefined;
  const [a, b] = [operand(operands, 0), operand(operands, 1)];
  if (isStrippable(a, b, value)) return builder.make(value.op, [operand(a.operands, 0), b], {});
  if (isStrippable(b, a, value)) return builder.make(value.op, [a, operand(b.operands, 0)], {});
  return undefined;
};

/** Whether what `x` broadcasts would have the shape of `result` with `other` by itself. */
function isStrippable(x: Value, other: Value, result: Value): boolean {
  return x.op === 'broadcast' && sameShape(broadcastShapes(operand(x.operands, 0).shape, other.shape), result.shape);
}

const arithmetic: Rule = (value, operands, builder) => {
  if (value.op === 'neg') {
    const x = operand(operands, 0);
    const constant = scalarConstant(x);
    if (constant !== undefined && x.shape.length === 0) return builder.scalar(-constant);
    if (x.op === 'neg') return operand(x.operands, 0);
    if (x.op === 'sub') return builder.make('sub', [operand(x.operands, 1), operand(x.operands, 0)], {});
    return undefined;
  }
  // The sign stands outside of the sum, where it costs less.
  if (value.op === 'reduceSum' && operand(operands, 0).op === 'neg') {
    return builder.make('neg', [builder.make('reduceSum', operand(operands, 0).operands, value.attributes)], {});
  }
  if (!isArithmetic(value)) return undefined;
  const [a, b] = [operand(operands, 0), operand(operands, 1)];
  const [left, right] = [scalarConstant(a), scalarConstant(b)];
  if (left !== undefined && right !== undefined && value.shape.length === 0)
    return builder.scalar(fold(value.op, left, right));
  const keepsA = sameShape(a.shape, value.shape);
  if (right === 0 && keepsA && (value.op === 'add' || value.op === 'sub')) return a;
  if (right === 1 && keepsA && (value.op === 'mul' || value.op === 'div')) return a;
  // A scalar stands on the right, so that the other rules look for it in one place.
  if (value.op === 'mul' && sizeOf(a.shape) === 1 && sizeOf(b.shape) > 1) return builder.make('mul', [b, a], {});
  if (value.op === 'mul' && (a.op === 'neg' || b.op === 'neg')) {
    const strip = (x: Value): Value => (x.op === 'neg' ? operand(x.operands, 0) : x);
    const positive = builder.make('mul', [strip(a), strip(b)], {});
    return a.op === b.op ? positive : builder.make('neg', [positive], {});
  }
  if (value.op === 'add' && b.op === 'neg') return builder.make('sub', [a, operand(b.operands, 0)], {});
  if (value.op === 'sub' && b.op === 'neg') return builder.make('add', [a, operand(b.operands, 0)], {});
  return undefined;
};

/** Which apply to an operation; the first that does wins. */
const rules: Readonly<Partial<Record<OpName, readonly Rule[]>>> = {
  cast: [identities, casts],
  reshape: [identities, reshapes],
  broadcast: [identities],
  transpose: [identities, transposes],
  reduceSum: [identities, arithmetic],
  reduceMax: [identities],
  reduceMin: [identities],
  reduceMean: [identities],
  reduceProd: [identities],
  matmul: [flags, factors],
  neg: [arithmetic],
  add: [broadcasts, arithmetic],
  sub: [broadcasts, arithmetic],
  mul: [broadcasts, arithmetic],
  div: [broadcasts, arithmetic],
};

type ArithmeticOp = 'add' | 'sub' | 'mul' | 'div';

function isArithmetic(value: Value): value is Extract<Value, { op: ArithmeticOp }> {
  return value.op === 'add' || value.op === 'sub' || value.op === 'mul' || value.op === 'div';
}

function isReduction(
  value: Value,
): value is Extract<Value, { op: 'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceMean' | 'reduceProd' }> {
  return value.op.startsWith('reduce');
}

/** A transpose that swaps the two axes of a matrix. */
export function isMatrixTranspose(value: Value): value is Extract<Value, { op: 'transpose' }> {
  return value.op === 'transpose' && value.shape.length === 2 && value.attributes.permutation[0] === 1;
}

/** What a constant multiplies, and the constant times `alpha` where a float32 can hold that. */
function constantFactor(value: Value, alpha: number): { rest: Value; product: number } | undefined {
  if (value.op !== 'mul') return undefined;
  const factor = scalarConstant(operand(value.operands, 1));
  const rest = operand(value.operands, 0);
  if (factor === undefined || !sameShape(rest.shape, value.shape)) return undefined;
  const product = alpha * factor;
  const isLost = !Number.isFinite(Math.fround(product)) || (Math.abs(product) < SMALLEST_NORMAL && product !== 0);
  return isLost ? undefined : { rest, product };
}

/** Of float32. */
const SMALLEST_NORMAL = 2 ** -126;

function asScalar(builder: Builder, value: Value): Value {
  return builder.make('reshape', [value], { shape: [] as Shape });
}

function fold(op: ArithmeticOp, a: number, b: number): number {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
  }
}
