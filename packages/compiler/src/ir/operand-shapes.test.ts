import { describe, expect, it } from 'vitest';
import { createBuilder } from './index.js';

const builder = createBuilder();
const [x, wide, images, filter] = [
  [2, 3],
  [4, 3],
  [1, 2, 3, 1],
  [3, 2, 1, 1],
].map((shape, i) => builder.input(`x${i}`, shape, 'float32')) as [never, never, never, never];
const window = {
  strides: [1, 1],
  paddings: [
    [0, 0],
    [0, 0],
  ],
} as const;
const padded = {
  ...window,
  paddings: [
    [0, 1],
    [0, 0],
  ],
} as const;

describe('shapes of operands', () => {
  it('may be all that an operation can just do', () => {
    expect(builder.make('slice', [x], { begin: [0, 0], size: [2, 3] }).shape).toEqual([2, 3]);
    expect(builder.make('slice', [x], { begin: [2, 3], size: [0, 0] }).shape).toEqual([0, 0]);
    expect(builder.make('concat', [x, wide], { axis: 0 }).shape).toEqual([6, 3]);
    const product = { transposeA: false, transposeB: true, alpha: 1 };
    expect(builder.make('matmul', [x, wide], product).shape).toEqual([2, 4]);
    expect(builder.make('conv2d', [images, filter], { ...padded, dilations: [1, 2] }).shape).toEqual([1, 1, 1, 1]);
    expect(builder.make('maxPool', [images], { ...window, size: [2, 3] }).shape).toEqual([1, 1, 1, 1]);
  });

  it.each<[string, () => unknown]>([
    ['a product', () => builder.make('matmul', [x, wide], { transposeA: false, transposeB: false, alpha: 1 })],
    ['a fused product', () => builder.make('gemm', [x, x, x], { transposeA: false, transposeB: false, alpha: 1 })],
    ['parts beside each other', () => builder.make('concat', [x, wide], { axis: 1 })],
    ['a slice that begins too late', () => builder.make('slice', [x], { begin: [0, 4], size: [2, 0] })],
    ['a slice that begins too early', () => builder.make('slice', [x], { begin: [-1, 0], size: [1, 3] })],
    ['a permutation of fewer axes', () => builder.make('transpose', [x], { permutation: [0] })],
    ['a filter', () => builder.make('conv2d', [images, filter], { ...window, dilations: [1, 1] })],
    ['a dilated filter', () => builder.make('conv2d', [images, filter], { ...padded, dilations: [1, 3] })],
    ['a pool', () => builder.make('avgPool', [images], { ...window, size: [3, 1] })],
  ])('are refused where they do not go together: %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ name: 'OperandShapeError', code: 'COMPILE_INVALID' }));
  });
});
