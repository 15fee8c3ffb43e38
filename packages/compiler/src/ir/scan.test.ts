import { describe, expect, it } from 'vitest';
import { createBuilder } from './builder.js';
import { makeScan } from './scan.js';

describe('makeScan', () => {
  it.each([3, 9, 65])('tells bodies apart by the last of %i elements of a constant', (length) => {
    const builder = createBuilder();
    const initial = builder.input('initial', [length], 'float32');
    const cuts = [builder.input('cut', [4, length], 'float32')];
    const withLast = (last: number) => {
      const constant = builder.constant(new Float32Array(length).fill(last, length - 1), [length]);
      return makeScan(builder, { initial, cuts }, (state, [cut = state]) =>
        builder.make('add', [builder.make('mul', [state, constant], {}), cut], {}),
      );
    };
    expect(withLast(1)).not.toBe(withLast(2));
  });

  it('is the same value for equal steps', () => {
    const builder = createBuilder();
    const initial = builder.input('initial', [2], 'float32');
    const cuts = [builder.input('cut', [4, 2], 'float32')];
    const sum = () =>
      makeScan(builder, { initial, cuts }, (state, [cut = state]) => builder.make('add', [state, cut], {}));
    expect(sum()).toBe(sum());
  });
});
