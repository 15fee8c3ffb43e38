import { describe, expect, it } from 'vitest';
import { createBuilder, type Graph, topologicalOrder } from '../ir/index.js';
import { chooseLayout } from './layout.js';

/** A step of a dense layer with relu on a carried kernel `[inputs, outputs]`: `kernel - x^T relu(x kernel + bias)`. */
function step(inputs: number, outputs: number, extra: 'none' | 'sliced-kernel' = 'none'): Graph {
  const b = createBuilder();
  const flags = { transposeA: false, transposeB: false, alpha: 1 };
  const [x, bias] = [b.input('x', [8, inputs], 'float32'), b.input('bias', [outputs], 'float32')];
  const kernel = b.input('carried/kernel', [inputs, outputs], 'float32');
  const y = b.make('relu', [b.make('add', [b.make('matmul', [x, kernel], flags), bias], {})], {});
  const update = b.make('sub', [kernel, b.make('matmul', [x, y], { ...flags, transposeA: true })], {});
  const slice = b.make('slice', [kernel], { begin: [0, 0], size: [1, outputs] });
  return { 'carried/kernel': update, ...(extra === 'none' ? {} : { slice }) };
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

  it.each([
    ['has few columns', step(40, 10)],
    ['is large', step(4096, 128)],
    ['would have to be transposed for something else', step(40, 20, 'sliced-kernel')],
  ])('leaves a kernel as it is that %s', (_, graph) => {
    const chosen = chooseLayout(graph);
    expect(chosen.transposed.size).toBe(0);
    expect(chosen.graph).toBe(graph);
  });
});
