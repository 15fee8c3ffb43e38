import { type Builder, countUses, type Graph, operand, rewrite, sameShape, type Value } from '../ir/index.js';
import { isVariant } from '../variant.js';
import { isScaling } from './sink-scale.js';

/** A sum of the batch's gradient and other values, all of one shape. */
interface Sum {
  readonly gradient: Value;
  readonly plus: readonly Value[];
  readonly minus: readonly Value[];
}

/**
 * Takes the batch's gradient out of the sum that a strategy's rule makes of it, so that its update is a product onto the
 * parameter as without a rule (`fuse.ts`), and what stays the same from step to step is computed before the loop:
 * `w - rate * (x^T d - own + common)` becomes `(w - rate * (common - own)) - rate * (x^T d)`.
 * A pull towards a point, `w - rate * (x^T d + mu * (w - start))`, becomes `(w * keep + (start - start * keep)) - rate * (x^T d)` with
 * `keep = 1 - rate * mu`, so that a step is left with one product and one sum. That difference is exact, as `keep` is near 1: a
 * parameter at `start` stays there to the bit. Elsewhere a step is off by half a unit in the last place of `w` at most, as where
 * `rate * mu * (w - start)` is below the rounding of `w`.
 *
 * Weight decay stays where it is: its share of a step is often below the rounding of `w`, and would be lost on its own.
 */
export function splitUpdates(graph: Graph): Graph {
  const uses = countUses(graph);

  /** What `value` sums up, in the values that it is rewritten to; undefined where that is no gradient with others. */
  function sumOf(value: Value, rewritten: Value): Sum | undefined {
    if (isGradient(value)) return { gradient: rewritten, plus: [], minus: [] };
    if ((value.op !== 'add' && value.op !== 'sub') || rewritten.op !== value.op || uses.get(value) !== 1)
      return undefined;
    const [left, right] = [operand(value.operands, 0), operand(value.operands, 1)];
    const [a, b] = [operand(rewritten.operands, 0), operand(rewritten.operands, 1)];
    if (!sameShape(left.shape, value.shape) || !sameShape(right.shape, value.shape)) return undefined;
    const [first, second] = [sumOf(left, a), sumOf(right, b)];
    if (first !== undefined && second !== undefined) return undefined;
    if (value.op === 'sub') return first && { ...first, minus: [...first.minus, b] };
    if (first !== undefined) return { ...first, plus: [...first.plus, b] };
    return second && { ...second, plus: [a, ...second.plus] };
  }

  return rewrite(graph, (value, operands, builder) => {
    if (value.op !== 'sub' || operand(value.operands, 0).op !== 'input') return undefined;
    const step = operand(value.operands, 1);
    if (!isScaling(step) || uses.get(step) !== 1) return undefined;
    const [parameter, scaled] = [operand(operands, 0), operand(operands, 1)];
    const rate = operand(scaled.operands, 1);
    const sum = sumOf(operand(step.operands, 0), operand(scaled.operands, 0));
    if (sum === undefined || sum.plus.length + sum.minus.length === 0) return undefined;
    if ([...sum.plus, ...sum.minus].some((part) => part.op === 'mul' && part.operands.includes(parameter)))
      return undefined;
    const before = pulled(parameter, sum, rate, builder) ?? withoutGradient(parameter, sum, rate, builder);
    return builder.make('sub', [before, builder.make('mul', [sum.gradient, rate], {})], {});
  });
}

/**
 * `parameter - rate * (plus - minus)` where one of `plus` is a pull of the parameter towards a point and all else stays the
 * same from step to step; undefined where it is not so.
 */
function pulled(parameter: Value, { plus, minus }: Sum, rate: Value, builder: Builder): Value | undefined {
  const pull = plus.find((part) => isPull(part, parameter));
  if (pull === undefined) return undefined;
  const [away, strength] = [operand(pull.operands, 0), operand(pull.operands, 1)];
  const start = operand(away.operands, 1);
  const others = { plus: plus.filter((part) => part !== pull), minus };
  if ([rate, strength, start, ...others.plus, ...minus].some(isVariant)) return undefined;
  const keep = builder.make('sub', [builder.scalar(1), builder.make('mul', [strength, rate], {})], {});
  const target = builder.make('sub', [start, builder.make('mul', [start, keep], {})], {});
  const constant = others.plus.length + minus.length === 0 ? target : withoutGradient(target, others, rate, builder);
  return builder.make('add', [builder.make('mul', [parameter, keep], {}), constant], {});
}

/** Whether `value` is `(parameter - point) * scalar`. */
function isPull(value: Value, parameter: Value): boolean {
  if (value.op !== 'mul' || operand(value.operands, 1).shape.length !== 0) return false;
  const away = operand(value.operands, 0);
  return away.op === 'sub' && away.operands[0] === parameter && sameShape(operand(away.operands, 1).shape, value.shape);
}

/** `parameter - rate * (plus - minus)`. */
function withoutGradient(
  parameter: Value,
  { plus, minus }: Omit<Sum, 'gradient'>,
  rate: Value,
  builder: Builder,
): Value {
  const add = (a: Value, b: Value): Value => builder.make('add', [a, b], {});
  const sub = (a: Value, b: Value): Value => builder.make('sub', [a, b], {});
  if (plus.length === 0) return add(parameter, scale(minus.reduce(add), rate, builder));
  return sub(parameter, scale(minus.reduce(sub, plus.reduce(add)), rate, builder));
}

/** `value * rate`, where a scalar factor of the value meets the rate first. */
function scale(value: Value, rate: Value, builder: Builder): Value {
  const [x, factor] = value.operands;
  if (value.op !== 'mul' || x === undefined || factor?.shape.length !== 0)
    return builder.make('mul', [value, rate], {});
  return builder.make('mul', [x, builder.make('mul', [factor, rate], {})], {});
}

/** Whether a value is summed over the examples of a batch. */
function isGradient(value: Value): boolean {
  switch (value.op) {
    case 'matmul':
    case 'reduceSum':
    case 'segmentSum':
    case 'conv2dFilterGradient':
    case 'depthwiseConv2dFilterGradient':
      return true;
    case 'reshape':
    case 'transpose':
      return isGradient(operand(value.operands, 0));
    default:
      return false;
  }
}
