import { describe, expect, it } from 'vitest';
import { type Builder, createBuilder, type Graph, print, type Value } from '../ir/index.js';
import { sinkScales } from './sink-scale.js';

const transposed = { transposeA: true, transposeB: false, alpha: 1 };
const rows = { axes: [0], keepDimensions: false };

/** The update of a dense layer: `x` [8, 4] and the gradient `exp(d)` [8, 3] that reaches it; `rate` a scalar. */
function build(make: (b: Builder, x: Value, gradient: Value, rate: Value) => Graph): Graph {
  const b = createBuilder();
  const gradient = b.make('exp', [b.input('d', [8, 3], 'float32')], {});
  return make(b, b.input('x', [8, 4], 'float32'), gradient, b.input('rate', [], 'float32'));
}

describe('sinkScales', () => {
  it('scales the gradient that all updates come from once, instead of each update', () => {
    const before = build((b, x, gradient, rate) => ({
      kernel: b.make('mul', [b.make('matmul', [x, gradient], transposed), rate], {}),
      bias: b.make('mul', [b.make('reduceSum', [gradient], rows), rate], {}),
    }));
    const after = build((b, x, gradient, rate) => {
      const scaled = b.make('mul', [gradient, rate], {});
      return { kernel: b.make('matmul', [x, scaled], transposed), bias: b.make('reduceSum', [scaled], rows) };
    });
    expect(print(sinkScales(before)).split('\n').sort().length).toBe(print(after).split('\n').length);
    expect(count(sinkScales(before), 'mul')).toBe(1);
    expect(scaledShapes(sinkScales(before))).toEqual(['8,3']);
  });

  it('leaves the scale where somebody needs the unscaled update', () => {
    const before = build((b, x, gradient, rate) => {
      const update = b.make('matmul', [x, gradient], transposed);
      return {
        kernel: b.make('mul', [update, rate], {}),
        norm: b.make('reduceSum', [b.make('mul', [update, update], {})], { axes: [0, 1], keepDimensions: false }),
      };
    });
    expect(print(sinkScales(before))).toBe(print(before));
  });

  it('leaves the scale where the unscaled update is a result', () => {
    const before = build((b, x, gradient, rate) => {
      const update = b.make('matmul', [x, gradient], transposed);
      return { kernel: b.make('mul', [update, rate], {}), update };
    });
    expect(print(sinkScales(before))).toBe(print(before));
  });

  it('keeps both of two equal scales', () => {
    const before = build((b, x, gradient, rate) => {
      const update = b.make('matmul', [x, gradient], transposed);
      return { kernel: b.make('mul', [b.make('neg', [b.make('mul', [update, rate], {})], {}), rate], {}) };
    });
    expect(count(sinkScales(before), 'mul')).toBe(2);
  });

  it('does not pass an operation that is not linear', () => {
    const before = build((b, x, gradient, rate) => ({
      y: b.make('mul', [b.make('exp', [b.make('matmul', [x, gradient], transposed)], {}), rate], {}),
    }));
    expect(print(sinkScales(before))).toBe(print(before));
  });

  it('scales one factor of a square, not both', () => {
    const before = build((b, _x, gradient, rate) => ({
      y: b.make('mul', [b.make('mul', [gradient, gradient], {}), rate], {}),
    }));
    expect(scaledShapes(sinkScales(before))).toEqual(['8,3']);
  });
});

const count = (graph: Graph, op: string): number =>
  print(graph)
    .split('\n')
    .filter((line) => line.includes(` ${op}(`)).length;

/** Shapes of the values that are multiplied by the rate. */
function scaledShapes(graph: Graph): string[] {
  const lines = print(graph).split('\n');
  const rate = lines.find((line) => line.includes('"rate"'))?.split(' ')[0] ?? '';
  return lines
    .filter((line) => line.includes(' mul(') && new RegExp(`, ${rate}\\)`).test(line))
    .map((line) => /\[([\d,]*)\]$/.exec(line)?.[1] ?? '');
}
