import { describe, expect, it } from 'vitest';
import { countUses, createBuilder, print, type Rule, rewrite, rewriteToFixpoint, topologicalOrder } from './index.js';

describe('the graph', () => {
  it('has one value for two equal operations, and two for operations that differ in an attribute', () => {
    const builder = createBuilder();
    const x = builder.input('x', [2, 3], 'float32');
    const sum = builder.make('reduceSum', [x], { axes: [0], keepDimensions: false });
    expect(builder.make('reduceSum', [x], { axes: [0], keepDimensions: false })).toBe(sum);
    expect(builder.make('reduceSum', [x], { axes: [1], keepDimensions: false })).not.toBe(sum);
    expect(builder.scalar(0)).not.toBe(builder.scalar(-0));
    expect(builder.scalar(Number.NaN)).toBe(builder.scalar(Number.NaN));
  });

  it('has values of their own for attributes that are not finite', () => {
    const builder = createBuilder();
    const x = builder.input('x', [2], 'float32');
    const padded = [Number.NaN, Infinity, -Infinity, 0].map((value) =>
      builder.make('pad', [x], { paddings: [[1, 1]], value }),
    );
    expect(new Set(padded).size).toBe(4);
    expect(new Set(padded.map((value) => print({ value }))).size).toBe(4);
  });

  it('infers shapes by broadcasting, and says which shapes do not', () => {
    const builder = createBuilder();
    const [a, b, c] = [[2, 1, 3], [4, 1], [5]].map((shape, i) => builder.input(`x${i}`, shape, 'float32')) as [
      never,
      never,
      never,
    ];
    expect(builder.make('add', [a, b], {}).shape).toEqual([2, 4, 3]);
    expect(() => builder.make('add', [a, c], {})).toThrow(
      expect.objectContaining({ code: 'COMPILE_INVALID', message: 'Shapes [2, 1, 3] and [5] do not broadcast.' }),
    );
  });

  it('prints a value a line, operands before users, and long constants in part', () => {
    const builder = createBuilder();
    const x = builder.input('x', [9], 'float32');
    const y = builder.make(
      'max',
      [
        x,
        builder.constant(
          Float32Array.from({ length: 9 }, (_, i) => i),
          [9],
        ),
      ],
      {},
    );
    expect(print({ y, x })).toBe(
      [
        '%0 = input() {"name":"x"} : float32[9]',
        '%1 = constant() [0, 1, 2, 3, 4, 5, 6, 7, …] : float32[9]',
        '%2 = max(%0, %1) : float32[9]',
        'return y = %2, x = %0',
      ].join('\n'),
    );
  });

  it('counts operands and results as uses', () => {
    const builder = createBuilder();
    const x = builder.input('x', [], 'float32');
    const square = builder.make('mul', [x, x], {});
    const uses = countUses({ square, x });
    expect([uses.get(x), uses.get(square)]).toEqual([3, 1]);
  });

  it('shows a rule each value with operands that are rewritten already', () => {
    const builder = createBuilder();
    const x = builder.input('x', [2], 'float32');
    const graph = { y: builder.make('exp', [builder.make('neg', [builder.make('neg', [x], {})], {})], {}) };
    const withoutNegations = rewrite(graph, (value, operands) => (value.op === 'neg' ? operands[0] : undefined));
    expect(topologicalOrder(withoutNegations).map(({ op }) => op)).toEqual(['input', 'exp']);
  });

  it('keeps the values that a rule leaves as they are, and is the same graph where that is all of them', () => {
    const builder = createBuilder();
    const [x, y] = [builder.input('x', [2], 'float32'), builder.input('y', [2], 'float32')];
    const kept = builder.make('exp', [x], {});
    const graph = { kept, changed: builder.make('add', [kept, builder.make('neg', [y], {})], {}) };
    const rewritten = rewrite(graph, (value, operands) => (value.op === 'neg' ? operands[0] : undefined));
    expect(rewritten['kept']).toBe(kept);
    expect(rewritten['changed']).toBe(builder.make('add', [kept, y], {}));
    expect(rewrite(rewritten, () => undefined)).toBe(rewritten);
  });

  it('has two inputs of one name where their shapes differ', () => {
    const builder = createBuilder();
    expect(builder.input('x', [2, 3], 'float32')).not.toBe(builder.input('x', [3, 2], 'float32'));
  });

  it('asks a rule that is applied until nothing changes only about values that it has not left as they are', () => {
    const builder = createBuilder();
    let y = builder.make('exp', [builder.input('x', [2], 'float32')], {});
    for (let i = 0; i < 5; i++) y = builder.make('abs', [y], {});
    const asked: string[] = [];
    const rule: Rule = (value, [inner]) => {
      asked.push(value.op);
      return value.op === 'abs' && inner?.op === 'abs' ? inner : undefined;
    };
    const once = rewriteToFixpoint({ y }, rule);
    expect(asked.filter((op) => op === 'exp')).toHaveLength(1);
    const before = asked.length;
    expect(rewriteToFixpoint(once, rule)).toBe(once);
    expect(asked).toHaveLength(before);
  });

  it('is rewritten until nothing changes', () => {
    const builder = createBuilder();
    let y = builder.make('relu', [builder.input('x', [2], 'float32')], {});
    for (let i = 0; i < 5; i++) y = builder.make('abs', [y], {});
    const once = rewriteToFixpoint({ y }, (value, [inner]) =>
      value.op === 'abs' && inner?.op === 'abs' ? inner : undefined,
    );
    expect(topologicalOrder(once).map(({ op }) => op)).toEqual(['input', 'relu', 'abs']);
  });
});
