import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figureOf } from './figure.js';

/** An arm whose metric had these values, evaluated every `every` rounds. */
const armOf = (metric: string, values: readonly number[], every = 1) =>
  values.map((value, index) => ({ step: (index + 1) * every, metrics: { [metric]: value } }));
const unread = { metrics: {} };

describe('figureOf', () => {
  const steps = armOf('test/accuracy', [0.5, 0.7, 0.6, 0.9]);
  const read = (at: Parameters<typeof figureOf>[3]) => figureOf(unread, steps, 'test/accuracy', at);

  it('reads a step', () => {
    expect(read(2)).toEqual({ value: 0.7 });
    expect(read(5)).toEqual({});
  });

  it('takes the mean of the last values, and of no fewer than it is asked for', () => {
    expect(read({ meanOfLast: 2 }).value).toBeCloseTo(0.75, 12);
    expect(read({ meanOfLast: 4 }).value).toBeCloseTo(0.675, 12);
    expect(read({ meanOfLast: 5 })).toEqual({});
  });

  it('counts rounds to a target on the best value so far, interpolated between evaluations', () => {
    // The best so far is 0.5, 0.7, 0.7, 0.9 in rounds 1 to 4.
    expect(read({ roundsTo: 0.6 }).value).toBeCloseTo(1.5, 12);
    expect(read({ roundsTo: 0.7 }).value).toBeCloseTo(2, 12);
    expect(read({ roundsTo: 0.75 }).value).toBeCloseTo(3.25, 12);
    const seldom = armOf('test/accuracy', [0.5, 0.7], 10);
    expect(figureOf(unread, seldom, 'test/accuracy', { roundsTo: 0.55 }).value).toBeCloseTo(12.5, 12);
  });

  it('has nothing to interpolate from where the first evaluation is good enough', () => {
    expect(read({ roundsTo: 0.4 })).toEqual({ value: 1 });
    const diverging = armOf('test/accuracy', [Number.NaN, 0.5]);
    expect(figureOf(unread, diverging, 'test/accuracy', { roundsTo: 0.4 })).toEqual({ value: 2 });
  });

  it('tells a target that was not reached from a metric that is not there', () => {
    expect(read({ roundsTo: 0.91 })).toEqual({ notReachedIn: 4 });
    expect(figureOf(unread, steps, 'test/acuracy', { roundsTo: 0.5 })).toEqual({});
    expect(figureOf(unread, [], 'test/accuracy', { roundsTo: 0.5 })).toEqual({});
  });

  it('reaches a loss from above', () => {
    const losses = armOf('test/loss', [2, 1, 1.5, 0.5]);
    expect(figureOf(unread, losses, 'test/loss', { roundsTo: 0.75 }).value).toBeCloseTo(3.5, 12);
  });

  it('counts more rounds to a higher target', () => {
    const accuracy = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(accuracy, { minLength: 1 }), accuracy, accuracy, (values, one, other) => {
        const rounds = (roundsTo: number) => {
          const { value, notReachedIn = 0 } = figureOf(unread, armOf('a', values), 'a', { roundsTo });
          return value ?? notReachedIn + 1;
        };
        expect(rounds(Math.min(one, other))).toBeLessThanOrEqual(rounds(Math.max(one, other)));
      }),
    );
  });
});
