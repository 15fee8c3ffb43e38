import { describe, expect, it } from 'vitest';
import { mcmahanCnn, trainingLoopOf } from '../../../testing/corpus/index.js';
import { createBuilder, type Graph, topologicalOrder, type Value } from '../../ir/index.js';
import { traceLoop } from '../../loop.js';
import { optimise } from '../../passes/index.js';
import { expandConvolutions } from './expand-convolutions.js';

const count = (graph: Graph, op: Value['op']): number =>
  topologicalOrder(graph).filter((value) => value.op === op).length;

const lengthsOfScans = (graph: Graph): readonly number[] =>
  topologicalOrder(graph).flatMap(({ op, attributes }) => (op === 'scan' ? [attributes.length] : []));

const window = {
  strides: [1, 1],
  paddings: [
    [0, 0],
    [4, 4],
  ],
} as const;
const pool = {
  strides: [2, 2],
  paddings: [
    [0, 0],
    [0, 0],
  ],
  size: [2, 2],
} as const;

/** A convolution of `batch` images of 8 by 8 with a filter of one row, and its gradients for a gradient of the output. */
function convolution(batch: number, channels: number): Graph {
  const b = createBuilder();
  const x = b.input('x', [batch, 8, 8, channels], 'float32');
  const filter = b.input('filter', [1, 9, channels, 4], 'float32');
  const dy = b.input('dy', [batch, 8, 8, 4], 'float32');
  return {
    y: b.make('conv2d', [x, filter], { ...window, dilations: [1, 1] }),
    ofFilter: b.make('conv2dFilterGradient', [x, dy], { ...window, filterShape: filter.shape }),
    ofInput: b.make('conv2dInputGradient', [dy, filter], { ...window, inputShape: x.shape }),
  };
}

describe('expandConvolutions', () => {
  it("makes products of all of McMahan's CNN", () => {
    const { body } = optimise(traceLoop(trainingLoopOf(mcmahanCnn(2, [8, 16, 32]))));
    const expanded = expandConvolutions(body);
    for (const op of ['conv2d', 'conv2dFilterGradient', 'conv2dInputGradient', 'maxPool', 'maxPoolGradient'] as const) {
      expect(count(body, op), op).toBeGreaterThan(0);
      expect(count(expanded, op), op).toBe(0);
    }
    // Both tables' rows; of the first layer the tiles, the output's order, and those of its gradient; of the second the
    // tiles, which the filter's gradient takes too, the patches and the order, the gradient's order, which both gradients
    // take, and its tiles; and three for the gradient of its inputs.
    expect(count(expanded, 'gather')).toBe(14);
  });

  it('gathers for the gradient of inputs as many images at a time as the cache holds', () => {
    const lengthsFor = (batch: number) => {
      const { ofInput } = convolution(batch, 16);
      return ofInput && lengthsOfScans(expandConvolutions({ ofInput }));
    };
    expect(lengthsFor(16)).toEqual([]);
    // A group has at most 113 images, and all have the same number.
    expect(lengthsFor(512)).toEqual([8]);
    expect(lengthsFor(113)).toEqual([]);
    expect(lengthsFor(127)).toEqual([127]);
  });

  it('keeps the patches of inputs that are few enough, and otherwise gathers them for each product in groups', () => {
    const { y, ofFilter } = convolution(56, 128);
    if (y === undefined || ofFilter === undefined) return;
    expect(count(expandConvolutions({ y, ofFilter }), 'gather')).toBe(1);
    expect(lengthsOfScans(expandConvolutions({ y, ofFilter }))).toEqual([]);
    const more = convolution(64, 128);
    expect(lengthsOfScans(expandConvolutions({ y: more['y'] as Value }))).toEqual([32]);
    expect(lengthsOfScans(expandConvolutions({ ofFilter: more['ofFilter'] as Value }))).toEqual([8]);
  });

  it('takes no fewer places than pay for reading a large filter', () => {
    const b = createBuilder();
    const x = b.input('x', [64, 8, 8, 512], 'float32');
    const filter = b.input('filter', [1, 9, 512, 64], 'float32');
    const y = b.make('conv2d', [x, filter], { ...window, dilations: [1, 1] });
    // Eight images have 512 places.
    expect(lengthsOfScans(expandConvolutions({ y }))).toEqual([8]);
  });

  it('computes with minimal filters as many images at a time as the cache holds', () => {
    const b = createBuilder();
    const x = b.input('x', [20, 14, 14, 32], 'float32');
    const filter = b.input('filter', [5, 5, 32, 64], 'float32');
    const same = {
      ...window,
      paddings: [
        [2, 2],
        [2, 2],
      ],
      dilations: [1, 1],
    } as const;
    const expanded = expandConvolutions({ y: b.make('conv2d', [x, filter], same) });
    // Four rows at a time: eight points of four tiles of 14 places, each of five columns: 71,680 elements an image.
    expect(lengthsOfScans(expanded)).toEqual([4]);
    const scan = topologicalOrder(expanded).find((value) => value.op === 'scan');
    const products = topologicalOrder(scan?.attributes.body.graph ?? {}).filter(({ op }) => op === 'matmul');
    expect(products.map(({ shape }) => shape)).toContainEqual([8, 5 * 4 * 14, 64]);
  });

  it('leaves a convolution of few channels to ONNX whose patches are too many to be kept', () => {
    const { y } = convolution(3000, 3);
    expect(y && count(expandConvolutions({ y }), 'conv2d')).toBe(1);
  });

  it('leaves the gradient of inputs with few channels, and of strided convolutions, to ONNX', () => {
    expect(count(expandConvolutions(convolution(2, 3)), 'conv2dInputGradient')).toBe(1);
  });

  it('keeps a pool as it is whose input somebody else needs too', () => {
    const { y } = convolution(2, 16);
    if (y === undefined) return;
    const b = createBuilder();
    const pooled = b.make('maxPool', [y], pool);
    expect(count(expandConvolutions({ pooled }), 'maxPool')).toBe(0);
    expect(count(expandConvolutions({ pooled, y }), 'maxPool')).toBe(1);
  });
});
