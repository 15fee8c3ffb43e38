import { describe, expect, it } from 'vitest';
import { type Builder, createBuilder, print, type Value } from '../ir/index.js';
import { simplify } from './simplify.js';

type Make = (builder: Builder, x: Value, w: Value) => Value;

/** `x` is `[3, 4]`, `w` `[4, 5]`. */
function build(make: Make): { readonly y: Value } {
  const builder = createBuilder();
  return { y: make(builder, builder.input('x', [3, 4], 'float32'), builder.input('w', [4, 5], 'float32')) };
}

const product = { transposeA: false, transposeB: false, alpha: 1 };
const flip = { permutation: [1, 0] };

const oneHot = (b: Builder, x: Value): Value =>
  b.make('oneHot', [b.make('cast', [x], { dtype: 'int32' })], { depth: 5, on: 1, off: 0 });

const rules: readonly (readonly [string, Make, Make])[] = [
  ['a cast to the dtype it has', (b, x) => b.make('cast', [x], { dtype: 'float32' }), (_, x) => x],
  [
    'whole numbers that were integers meanwhile',
    (b, x) => b.make('cast', [b.make('cast', [oneHot(b, x)], { dtype: 'int32' })], { dtype: 'float32' }),
    (b, x) => oneHot(b, x),
  ],
  ['a reshape to the shape it has', (b, x) => b.make('reshape', [x], { shape: [3, 4] }), (_, x) => x],
  ['a broadcast to the shape it has', (b, x) => b.make('broadcast', [x], { shape: [3, 4] }), (_, x) => x],
  ['a sum over no axis', (b, x) => b.make('reduceSum', [x], { axes: [], keepDimensions: true }), (_, x) => x],
  ['a maximum over no axis', (b, x) => b.make('reduceMax', [x], { axes: [], keepDimensions: false }), (_, x) => x],
  ['two transposes', (b, x) => b.make('transpose', [b.make('transpose', [x], flip)], flip), (_, x) => x],
  [
    'a chain of reshapes',
    (b, x) => b.make('reshape', [b.make('reshape', [x], { shape: [12] })], { shape: [2, 6] }),
    (b, x) => b.make('reshape', [x], { shape: [2, 6] }),
  ],
  [
    'a reshape that only brings a summed axis back',
    (b, x) => b.make('reshape', [b.make('reduceSum', [x], { axes: [1], keepDimensions: false })], { shape: [3, 1] }),
    (b, x) => b.make('reduceSum', [x], { axes: [1], keepDimensions: true }),
  ],
  [
    'a transposed operand of a product',
    (b, x, w) => b.make('matmul', [b.make('transpose', [w], flip), b.make('transpose', [x], flip)], product),
    (b, x, w) => b.make('matmul', [w, x], { transposeA: true, transposeB: true, alpha: 1 }),
  ],
  [
    'constant factors of both operands of a product',
    (b, x, w) =>
      b.make('matmul', [b.make('mul', [x, b.scalar(0.5)], {}), b.make('mul', [w, b.scalar(6)], {})], product),
    (b, x, w) => b.make('matmul', [x, w], { ...product, alpha: 3 }),
  ],
  [
    'a broadcast that addition does by itself',
    (b, x) => b.make('add', [x, b.make('broadcast', [b.scalar(2)], { shape: [3, 4] })], {}),
    (b, x) => b.make('add', [x, b.scalar(2)], {}),
  ],
  ['an addition of zero', (b, x) => b.make('add', [x, b.scalar(0)], {}), (_, x) => x],
  ['a subtraction of zero', (b, x) => b.make('sub', [x, b.scalar(0)], {}), (_, x) => x],
  ['a multiplication by one', (b, x) => b.make('mul', [b.scalar(1), x], {}), (_, x) => x],
  ['a division by one', (b, x) => b.make('div', [x, b.scalar(1)], {}), (_, x) => x],
  ['two negations', (b, x) => b.make('neg', [b.make('neg', [x], {})], {}), (_, x) => x],
  [
    'a negated difference',
    (b, x) => b.make('neg', [b.make('sub', [x, b.scalar(3)], {})], {}),
    (b, x) => b.make('sub', [b.scalar(3), x], {}),
  ],
  [
    'an added negation',
    (b, x) => b.make('add', [x, b.make('neg', [b.make('exp', [x], {})], {})], {}),
    (b, x) => b.make('sub', [x, b.make('exp', [x], {})], {}),
  ],
  [
    'a negation under a sum',
    (b, x) => b.make('reduceSum', [b.make('neg', [x], {})], { axes: [0], keepDimensions: false }),
    (b, x) => b.make('neg', [b.make('reduceSum', [x], { axes: [0], keepDimensions: false })], {}),
  ],
  [
    'of two factors one, where no float32 holds both',
    (b, x, w) =>
      b.make('matmul', [b.make('mul', [x, b.scalar(1e30)], {}), b.make('mul', [w, b.scalar(1e20)], {})], product),
    (b, x, w) =>
      b.make('matmul', [x, b.make('mul', [w, b.scalar(1e20)], {})], { ...product, alpha: Math.fround(1e30) }),
  ],
  [
    'arithmetic on constants',
    (b) =>
      b.make('div', [b.make('sub', [b.make('mul', [b.scalar(3), b.scalar(4)], {}), b.scalar(2)], {}), b.scalar(4)], {}),
    (b) => b.scalar(2.5),
  ],
];

/** What looks like the above and is not. */
const kept: readonly (readonly [string, Make])[] = [
  [
    'an addition of zero that also broadcasts',
    (b, x) => b.make('add', [x, b.make('broadcast', [b.scalar(0)], { shape: [2, 3, 4] })], {}),
  ],
  ['a transpose that swaps', (b, x) => b.make('transpose', [x], flip)],
  [
    'a factor of a product that is an input',
    (b, x, w) => b.make('matmul', [b.make('mul', [x, b.input('s', [], 'float32')], {}), w], product),
  ],
];

describe('simplify', () => {
  it.each(rules)('takes away %s', (_, before, after) => {
    expect(print(simplify(build(before)))).toBe(print(build(after)));
  });

  it.each(kept)('keeps %s', (_, make) => {
    const shape = build(make).y.shape;
    const { y } = simplify(build(make));
    expect(y?.shape).toEqual(shape);
    expect(print(simplify(build(make)))).not.toBe(print(build((_b, x) => x)));
  });
});
