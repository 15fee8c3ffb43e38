import { describe, expect, it } from 'vitest';
import { mcmahanCnn, trainingLoopOf } from '../../testing/corpus/index.js';
import { createBuilder, type Graph, topologicalOrder, type Value } from '../ir/index.js';
import { traceLoop } from '../loop.js';
import { optimise } from '../passes/index.js';
import { expandConvolutions } from './expand-convolutions.js';

const count = (graph: Graph, op: Value['op']): number =>
  topologicalOrder(graph).filter((value) => value.op === op).length;

const scansOf = (graph: Graph) =>
  topologicalOrder(graph).flatMap(({ op, attributes }) =>
    op === 'scan' ? [{ length: attributes.length, cut: attributes.cut }] : [],
  );

const window = {
  strides: [1, 1],
  paddings: [
    [1, 1],
    [1, 1],
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

/** A convolution of `batch` images of 8 by 8, and its gradients for a gradient of the output. */
function convolution(batch: number, channels: number): Graph {
  const b = createBuilder();
  const x = b.input('x', [batch, 8, 8, channels], 'float32');
  const filter = b.input('filter', [3, 3, channels, 4], 'float32');
  const dy = b.input('dy', [batch, 8, 8, 4], 'float32');
  return {
    y: b.make('conv2d', [x, filter], { ...window, dilations: [1, 1] }),
    ofFilter: b.make('conv2dFilterGradient', [x, dy], { ...window, filterShape: filter.shape }),
    ofInput: b.make('conv2dInputGradient', [dy, filter], { ...window, inputShape: x.shape }),
  };
}

describe('expandConvolutions', () => {
  it("makes products of McMahan's CNN, whose patches both the forward product and the filter's gradient take", () => {
    const { body } = optimise(traceLoop(trainingLoopOf(mcmahanCnn(2, [8, 16, 32]))));
    const expanded = expandConvolutions(body);
    for (const op of ['conv2d', 'conv2dFilterGradient', 'conv2dInputGradient', 'maxPool', 'maxPoolGradient'] as const) {
      expect(count(body, op), op).toBeGreaterThan(0);
      expect(count(expanded, op), op).toBe(0);
    }
    // The inputs' patches in two gathers, the second layer's in one, its gradient's in one, both tables' rows.
    expect(count(expanded, 'gather')).toBe(6);
  });

  it('gathers images together whose patches fit into the cache', () => {
    for (const [batch, channels] of [
      [16, 16],
      [64, 128],
    ] as const) {
      const expanded = expandConvolutions(convolution(batch, channels));
      expect(count(expanded, 'gather')).toBe(2);
      expect(count(expanded, 'scan')).toBe(0);
    }
    const { ofInput } = convolution(512, 16);
    expect(ofInput && scansOf(expandConvolutions({ ofInput }))).toEqual([{ length: 8, cut: 1 }]);
  });

  it('leaves what would take too much memory to ONNX, and adds up the gradient of the filter by groups', () => {
    const expanded = expandConvolutions(convolution(128, 128));
    expect(count(expanded, 'conv2d')).toBe(1);
    expect(count(expanded, 'conv2dFilterGradient')).toBe(0);
    expect(scansOf({ dw: expanded['ofFilter'] as Value })).toEqual([{ length: 16, cut: 2 }]);
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
