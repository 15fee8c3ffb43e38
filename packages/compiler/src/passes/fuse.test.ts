import { describe, expect, it } from 'vitest';
import { type Builder, createBuilder, print, type Value } from '../ir/index.js';
import { fuseProducts } from './fuse.js';

const flags = { transposeA: false, transposeB: false, alpha: 2 };

function operands(b: Builder, inner = 4): { product: Value; a: Value; c: Value; bias: Value; same: Value } {
  const [a, c] = [b.input('a', [3, inner], 'float32'), b.input('c', [inner, 5], 'float32')];
  return {
    a,
    c,
    product: b.make('matmul', [a, c], flags),
    bias: b.input('bias', [5], 'float32'),
    same: b.input('same', [3, 5], 'float32'),
  };
}

describe('fuseProducts', () => {
  it('adds a bias within the product, whichever side it stands on', () => {
    const b = createBuilder();
    const { a, c, product, bias } = operands(b);
    const fused = print({ y: b.make('gemm', [a, c, bias], flags) });
    expect(print(fuseProducts({ y: b.make('add', [product, bias], {}) }))).toBe(fused);
    expect(print(fuseProducts({ y: b.make('add', [bias, product], {}) }))).toBe(fused);
  });

  it('subtracts a product by a negative alpha', () => {
    const b = createBuilder();
    const { a, c, product, same } = operands(b);
    expect(print(fuseProducts({ y: b.make('sub', [same, product], {}) }))).toBe(
      print({ y: b.make('gemm', [a, c, same], { ...flags, alpha: -2 }) }),
    );
  });

  it.each([
    ['a product that is subtracted from', (b: Builder) => b.make('sub', [operands(b).product, operands(b).bias], {})],
    [
      'an addend that makes the product larger',
      (b: Builder) => b.make('add', [operands(b).product, b.input('big', [2, 3, 5], 'float32')], {}),
    ],
    [
      'the update of a parameter by a long sum',
      (b: Builder) => b.make('sub', [operands(b, 129).same, operands(b, 129).product], {}),
    ],
    [
      'a stack of products',
      (b: Builder) =>
        b.make(
          'add',
          [
            b.make('matmul', [b.input('s', [2, 3, 4], 'float32'), b.input('t', [2, 4, 5], 'float32')], flags),
            operands(b).bias,
          ],
          {},
        ),
    ],
  ])('leaves %s as it is', (_, make) => {
    const graph = { y: make(createBuilder()) };
    expect(print(fuseProducts(graph))).toBe(print(graph));
  });

  it('leaves a product that is used elsewhere as it is', () => {
    const b = createBuilder();
    const { product, bias } = operands(b);
    const graph = { y: b.make('add', [product, bias], {}), product };
    expect(print(fuseProducts(graph))).toBe(print(graph));
  });
});
