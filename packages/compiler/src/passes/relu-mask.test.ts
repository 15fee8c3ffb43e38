import { describe, expect, it } from 'vitest';
import { createBuilder, print } from '../ir/index.js';
import { maskFromRelu } from './relu-mask.js';

describe('maskFromRelu', () => {
  it("takes the mask from the relu's output", () => {
    const b = createBuilder();
    const x = b.input('x', [3], 'float32');
    const relu = b.make('relu', [x], {});
    const before = { relu, mask: b.make('greater', [x, b.scalar(0)], {}) };
    expect(print(maskFromRelu(before))).toBe(print({ relu, mask: b.make('greater', [relu, b.scalar(0)], {}) }));
  });

  it.each([
    ['another bound', 0.5, true],
    ['no relu of the same value', 0, false],
  ])('leaves a comparison with %s as it is', (_, bound, rectifies) => {
    const b = createBuilder();
    const [x, other] = [b.input('x', [3], 'float32'), b.input('other', [3], 'float32')];
    const before = {
      relu: b.make('relu', [rectifies ? x : other], {}),
      mask: b.make('greater', [x, b.scalar(bound)], {}),
    };
    expect(print(maskFromRelu(before))).toBe(print(before));
  });
});
