import {
  type Builder,
  type Graph,
  operand,
  type Rule,
  rewrite,
  sameShape,
  scalarConstant,
  type Value,
} from '../ir/index.js';

/**
 * Pools before it rectifies: `maxPool(relu(z))` is `relu(maxPool(z))`, of a quarter of the elements or less. Backwards
 * the mask moves likewise: a window's gradient goes to its first maximum, which is where the rectified one is, or to
 * nobody where that is zero. And all that windows give away together is all that they were given.
 */
export function poolBeforeRelu(graph: Graph): Graph {
  const pooled = rewrite(graph, forward);
  return rewrite(rewrite(pooled, backward), summed);
}

const forward: Rule = (value, operands, builder) => {
  const [x] = operands;
  if (value.op !== 'maxPool' || x?.op !== 'relu') return undefined;
  return builder.make('relu', [builder.make('maxPool', x.operands, value.attributes)], {});
};

const backward: Rule = (value, operands, builder) => {
  if (value.op !== 'mul') return undefined;
  const [a, b] = [operand(operands, 0), operand(operands, 1)];
  return masked(builder, a, b) ?? masked(builder, b, a);
};

/** `gradient * mask` where the one is of a pool of a relu, and the other of that relu. */
function masked(builder: Builder, gradient: Value, mask: Value): Value | undefined {
  if (gradient.op !== 'maxPoolGradient') return undefined;
  const [dy, x, y] = [operand(gradient.operands, 0), operand(gradient.operands, 1), operand(gradient.operands, 2)];
  if (x.op !== 'relu' || y.op !== 'relu') return undefined;
  const [z, highest] = [operand(x.operands, 0), operand(y.operands, 0)];
  const compared = positivePart(mask);
  if (highest.op !== 'maxPool' || operand(highest.operands, 0) !== z || (compared !== x && compared !== z))
    return undefined;
  const isPositive = builder.make('greater', [y, builder.scalar(0)], {});
  const kept = builder.make('mul', [dy, builder.make('cast', [isPositive], { dtype: 'float32' })], {});
  return builder.make('maxPoolGradient', [kept, z, highest], gradient.attributes);
}

/** The value of which `mask` is 1 where it is positive. */
function positivePart(mask: Value): Value | undefined {
  if (mask.op !== 'cast') return undefined;
  const comparison = operand(mask.operands, 0);
  if (comparison.op !== 'greater' || scalarConstant(operand(comparison.operands, 1)) !== 0) return undefined;
  return operand(comparison.operands, 0);
}

const summed: Rule = (value, operands, builder) => {
  const [x] = operands;
  if (value.op !== 'reduceSum' || x?.op !== 'maxPoolGradient') return undefined;
  const { axes, keepDimensions } = value.attributes;
  if (!sameShape([...axes].sort(), [0, 1, 2])) return undefined;
  return builder.make('reduceSum', [operand(x.operands, 0)], { axes, keepDimensions });
};
