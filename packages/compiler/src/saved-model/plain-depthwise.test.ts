import { describe, expect, it } from 'vitest';
import { createBuilder, type Pair, print, topologicalOrder } from '../ir/index.js';
import { plainDepthwise } from './plain-depthwise.js';

function convolved(strides: Pair, dilations: Pair) {
  const builder = createBuilder();
  const [x, filter] = [builder.input('x', [2, 9, 8, 3], 'float32'), builder.input('filter', [3, 2, 3, 2], 'float32')];
  const paddings = [
    [1, 2],
    [0, 1],
  ] as const;
  return { y: builder.make('depthwiseConv2d', [x, filter], { strides, dilations, paddings }) };
}

describe('plainDepthwise', () => {
  it('leaves what TensorFlow has a kernel for as it is', () => {
    const graph = convolved([2, 2], [1, 1]);
    expect(plainDepthwise(graph)).toBe(graph);
  });

  it.each<[string, Pair, Pair]>([
    ['dilations', [1, 1], [2, 3]],
    ['strides that differ', [2, 1], [1, 1]],
    ['both', [1, 2], [3, 1]],
  ])('keeps the shape without %s', (_, strides, dilations) => {
    const graph = convolved(strides, dilations);
    const plain = plainDepthwise(graph);
    expect(plain.y?.shape).toEqual(graph.y.shape);
    for (const value of topologicalOrder(plain)) {
      if (value.op !== 'depthwiseConv2d') continue;
      expect(value.attributes.dilations).toEqual([1, 1]);
      expect(value.attributes.strides[0]).toBe(value.attributes.strides[1]);
    }
  });

  it('spreads the elements of a dilated filter as far as it sees', () => {
    expect(print(plainDepthwise(convolved([1, 1], [2, 3])))).toContain(': float32[5,4,3,2]');
  });
});
