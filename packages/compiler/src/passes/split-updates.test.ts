import { describe, expect, it } from 'vitest';
import { type Builder, createBuilder, print, type Value } from '../ir/index.js';
import { splitUpdates } from './split-updates.js';

const transposed = { transposeA: true, transposeB: false, alpha: 1 };

interface Given {
  readonly w: Value;
  readonly rate: Value;
  /** A rate by a schedule over steps. */
  readonly changing: Value;
  readonly one: Value;
  readonly own: Value;
  readonly common: Value;
  /** Of a batch of 8 rows, for a kernel [4, 3]. */
  readonly gradient: Value;
  readonly add: (a: Value, b: Value) => Value;
  readonly sub: (a: Value, b: Value) => Value;
  readonly mul: (a: Value, b: Value) => Value;
}

/** `make`'s value as text. */
function text(make: (given: Given) => Value, rewriteIt = false): string {
  const b: Builder = createBuilder();
  const kernel = (name: string): Value => b.input(name, [4, 3], 'float32');
  const [x, d] = [b.input('x', [8, 4], 'float32'), b.input('d', [8, 3], 'float32')];
  const w = make({
    w: kernel('carried/w'),
    rate: b.input('constant/rate', [], 'float32'),
    changing: b.input('per-step/rate', [], 'float32'),
    one: b.scalar(1),
    own: kernel('constant/own'),
    common: kernel('constant/common'),
    gradient: b.make('matmul', [x, d], transposed),
    add: (a, c) => b.make('add', [a, c], {}),
    sub: (a, c) => b.make('sub', [a, c], {}),
    mul: (a, c) => b.make('mul', [a, c], {}),
  });
  return print(rewriteIt ? splitUpdates({ w }) : { w });
}

const split = (make: (given: Given) => Value): string => text(make, true).replaceAll(/%\d+/g, '%');
const plain = (make: (given: Given) => Value): string => text(make).replaceAll(/%\d+/g, '%');
/** Lines in whatever order: what is equal has the same operations on the same shapes. */
const sorted = (lines: string): readonly string[] => lines.split('\n').sort();

describe('splitUpdates', () => {
  it('takes the gradient out of what control variates make of it, and the variates together', () => {
    const before = split(({ w, rate, own, common, gradient, add, sub, mul }) =>
      sub(w, mul(add(sub(gradient, own), common), rate)),
    );
    const after = plain(({ w, rate, own, common, gradient, sub, mul }) =>
      sub(sub(w, mul(sub(common, own), rate)), mul(gradient, rate)),
    );
    expect(sorted(before)).toEqual(sorted(after));
  });

  it('makes a pull towards a point a product of the parameter and a sum with what never changes', () => {
    const before = split(({ w, rate, own, gradient, add, sub, mul }) =>
      sub(w, mul(add(gradient, mul(sub(w, own), rate)), rate)),
    );
    const after = plain(({ w, rate, own, gradient, one, add, sub, mul }) => {
      const keep = sub(one, mul(rate, rate));
      return sub(add(mul(w, keep), sub(own, mul(own, keep))), mul(gradient, rate));
    });
    expect(sorted(before)).toEqual(sorted(after));
  });

  it('sums up what a dynamic regulariser adds to its pull before the loop', () => {
    const before = split(({ w, rate, own, common, gradient, add, sub, mul }) =>
      sub(w, mul(add(sub(gradient, own), mul(sub(w, common), rate)), rate)),
    );
    const after = plain(({ w, rate, own, common, gradient, one, add, sub, mul }) => {
      const keep = sub(one, mul(rate, rate));
      const constant = add(sub(common, mul(common, keep)), mul(own, rate));
      return sub(add(mul(w, keep), constant), mul(gradient, rate));
    });
    expect(sorted(before)).toEqual(sorted(after));
  });

  it('has the scalar factor of a pull meet a rate that changes from step to step', () => {
    const before = split(({ w, changing, rate, own, gradient, add, sub, mul }) =>
      sub(w, mul(add(gradient, mul(sub(w, own), rate)), changing)),
    );
    const after = plain(({ w, changing, rate, own, gradient, sub, mul }) =>
      sub(sub(w, mul(sub(w, own), mul(rate, changing))), mul(gradient, changing)),
    );
    expect(sorted(before)).toEqual(sorted(after));
  });

  it('adds what is only taken away', () => {
    const before = split(({ w, rate, own, gradient, sub, mul }) => sub(w, mul(sub(gradient, own), rate)));
    const after = plain(({ w, rate, own, gradient, add, sub, mul }) =>
      sub(add(w, mul(own, rate)), mul(gradient, rate)),
    );
    expect(sorted(before)).toEqual(sorted(after));
  });

  it.each<[string, (given: Given) => Value]>([
    ['a gradient alone', ({ w, rate, gradient, sub, mul }) => sub(w, mul(gradient, rate))],
    [
      'weight decay, whose share would be lost in rounding',
      ({ w, rate, gradient, add, sub, mul }) => sub(w, mul(add(gradient, mul(w, rate)), rate)),
    ],
    ['a sum of two gradients', ({ w, rate, gradient, add, sub, mul }) => sub(w, mul(add(gradient, gradient), rate))],
    ['what is no gradient', ({ w, rate, own, common, add, sub, mul }) => sub(w, mul(add(own, common), rate))],
    ['a gradient that is taken away', ({ w, rate, own, gradient, sub, mul }) => sub(w, mul(sub(own, gradient), rate))],
    [
      'a sum that is needed for something else as well',
      ({ w, rate, own, gradient, add, sub, mul }) => {
        const sum = add(gradient, own);
        return mul(sub(w, mul(sum, rate)), sum);
      },
    ],
  ])('leaves %s as it is', (_, make) => {
    expect(text(make, true)).toBe(text(make));
  });
});
