import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countPoints, pointIdentity, pointsOf } from './points.js';

describe('pointsOf', () => {
  it('makes one point of each metric, with the step and the time of the entry', () => {
    const metrics = { 'test/accuracy': 0.5, 'local/loss': Number.NaN };
    expect(
      pointsOf({ type: 'step-completed', arm: 'iid', step: 3, sequence: 9, armSequence: 4, time: 1000, metrics }),
    ).toEqual([
      { key: 'test/accuracy', value: 0.5, step: 3, timestamp: 1000 },
      { key: 'local/loss', value: Number.NaN, step: 3, timestamp: 1000 },
    ]);
  });
});

describe('pointIdentity', () => {
  const at = (value: number) => pointIdentity({ value, step: 1, timestamp: 2 });

  it('takes an infinity for what SQL stores keep of it, NaN for itself, and minus zero for zero', () => {
    expect(at(Infinity)).toBe(at(Number.MAX_VALUE));
    expect(at(-Infinity)).toBe(at(-Number.MAX_VALUE));
    expect(at(Number.NaN)).toBe(at(Number.NaN));
    expect(at(-0)).toBe(at(0));
  });

  it('tells any two other points apart, as read back from JSON', () => {
    const point = fc.record({
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      step: fc.nat(),
      timestamp: fc.nat(),
    });
    fc.assert(
      fc.property(point, point, (a, b) => {
        const same = a.step === b.step && a.timestamp === b.timestamp && a.value === b.value;
        expect(pointIdentity(a) === pointIdentity(b)).toBe(same);
        expect(pointIdentity({ ...a, value: Number(JSON.stringify(a.value)) })).toBe(pointIdentity(a));
      }),
    );
  });

  it('is what points are counted by', async () => {
    const point = { value: 1, step: 1, timestamp: 1 };
    expect([...(await countPoints([point, { ...point }, { ...point, step: 2 }])).values()]).toEqual([2, 1]);
  });
});
