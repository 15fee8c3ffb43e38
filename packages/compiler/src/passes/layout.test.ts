import { describe, expect, it } from 'vitest';
import { createBuilder, type Graph, topologicalOrder } from '../ir/index.js';
import { chooseLayout } from './layout.js';

/** A step of a dense layer with relu on a carried kernel `[inputs, outputs]`: `kernel - x^T relu(x kernel + bias)`. */
function step(inputs: number, outputs: number, extra: 'none' | 'sliced-kernel' | 'proximal' = 'none'): Graph {
  const b = createBuilder();
  const flags = { transposeA: false, transposeB: false, alpha: 1 };
  const [x, bias] = [b.input('x', [8, inputs], 'float32'), b.input('bias', [outputs], 'float32')];
  const kernel = b.input('carried/kernel', [inputs, outputs], 'float32');
  const y = b.make('relu', [b.make('add', [b.make('matmul', [x, kernel], flags), bias], {})], {});
  const data = b.make('matmul', [x, y], { ...flags, transposeA: true });
  const anchor = b.input('constant/global', [inputs, outputs], 'float32');
  const gradient = extra === 'proximal' ? b.make('add', [data, b.make('sub', [kernel, anchor], {})], {}) : data;
  const update = b.make('sub', [kernel, gradient], {});
  const slice = b.make('slice', [kernel], { begin: [0, 0], size: [1, outputs] });
  return { 'carried/kernel': update, ...(extra === 'sliced-kernel' ? { slice } : {}) };
}

const count = (graph: Graph, op: string): number => topologicalOrder(graph).filter((value) => value.op === op).length;

describe('chooseLayout', () => {
  it('keeps a small kernel transposed without a transpose in the step', () => {
    const { graph, transposed } = chooseLayout(step(40, 20));
    expect([...transposed]).toEqual(['carried/kernel']);
    expect(graph['carried/kernel']?.shape).toEqual([20, 40]);
    expect(
      topologicalOrder(graph).find((value) => value.op === 'input' && value.attributes.name === 'carried/kernel')
        ?.shape,
    ).toEqual([20, 40]);
    expect(count(graph, 'transpose')).toBe(0);
    expect(count(graph, 'matmul')).toBe(2);
  });

  it('turns what does not change in the loop with it, before the loop', () => {
    const { graph, transposed } = chooseLayout(step(40, 20, 'proximal'));
    expect([...transposed]).toEqual(['carried/kernel']);
    const turned = topologicalOrder(graph).filter((value) => value.op === 'transpose');
    expect(turned.map(({ operands }) => operands[0]?.attributes)).toEqual([{ name: 'constant/global' }]);
  });

  it('turns the kernel that gains, and leaves the one that would have to be transposed in each step', () => {
    const b = createBuilder();
    const flags = { transposeA: false, transposeB: false, alpha: 1 };
    const [x, y] = [b.input('x', [8, 40], 'float32'), b.input('y', [8, 12], 'float32')];
    const [wide, narrow] = [
      b.input('carried/wide', [40, 20], 'float32'),
      b.input('carried/narrow', [20, 12], 'float32'),
    ];
    const hidden = b.make('tanh', [b.make('matmul', [x, wide], flags)], {});
    const error = b.make('softmax', [b.make('sub', [b.make('matmul', [hidden, narrow], flags), y], {})], {});
    const back = b.make('matmul', [error, narrow], { ...flags, transposeB: true });
    const graph = {
      'carried/wide': b.make('sub', [wide, b.make('matmul', [x, back], { ...flags, transposeA: true })], {}),
      'carried/narrow': b.make('sub', [narrow, b.make('matmul', [hidden, error], { ...flags, transposeA: true })], {}),
    };
    expect([...chooseLayout(graph).transposed]).toEqual(['carried/wide']);
  });

  it.each([
    ['has few rows', step(10, 4)],
    ['is large', step(4096, 128)],
    ['would have to be transposed for something else', step(40, 20, 'sliced-kernel')],
  ])('leaves a kernel as it is that %s', (_, graph) => {
    const chosen = chooseLayout(graph);
    expect(chosen.transposed.size).toBe(0);
    expect(chosen.graph).toBe(graph);
  });
});
