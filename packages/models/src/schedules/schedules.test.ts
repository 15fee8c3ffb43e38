import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, cosine, exponential, step } from './index.js';

const byRounds = { over: 'rounds', warmUp: 0 } as const;
const bySteps = { over: 'steps', warmUp: 0 } as const;
const at = (round: number, localStep = 0) => ({ round, rounds: 10, step: localStep });

describe('schedules', () => {
  it('constant stays at 1', () => {
    expect([1, 5, 10].map((round) => constant.create(byRounds).factor(at(round)))).toEqual([1, 1, 1]);
  });

  it('a warm-up rises linearly to 1', () => {
    const { factor } = constant.create({ over: 'rounds', warmUp: 4 });
    expect([1, 2, 3, 4, 5].map((round) => factor(at(round)))).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });

  it('step drops by gamma at every so many rounds', () => {
    const { factor } = step.create({ ...byRounds, every: 2, gamma: 0.5 });
    expect([1, 2, 3, 4, 5].map((round) => factor(at(round)))).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });

  it('goes by local steps where it is asked to, whatever the round', () => {
    const { factor, over } = step.create({ ...bySteps, every: 3, gamma: 0.1 });
    expect(over).toBe('steps');
    expect([0, 2, 3].map((localStep) => factor(at(7, localStep)))).toEqual([1, 1, 0.1]);
  });

  it('exponential multiplies by gamma each round', () => {
    const { factor } = exponential.create({ ...byRounds, gamma: 0.5 });
    expect([1, 2, 4].map((round) => factor(at(round)))).toEqual([1, 0.5, 0.125]);
  });

  it('cosine goes from 1 over the middle to its minimum, and stays there', () => {
    const { factor } = cosine.create({ ...byRounds, minimum: 0.2 });
    expect(factor(at(1))).toBe(1);
    expect(factor(at(6))).toBeCloseTo(0.6, 12);
    expect(factor(at(11))).toBeCloseTo(0.2, 12);
    expect(factor(at(40))).toBeCloseTo(0.2, 12);
  });

  it('no schedule ever leaves [0, 1]', () => {
    const schedules = fc.record({
      warmUp: fc.nat(20),
      every: fc.integer({ min: 1, max: 20 }),
      gamma: fc.double({ min: 0.01, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 20 }),
      minimum: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(schedules, fc.integer({ min: 1, max: 200 }), (options, round) => {
        for (const plugin of [constant, step, exponential, cosine]) {
          const factor = plugin.create({ over: 'rounds', ...options }).factor(at(round));
          expect(factor).toBeGreaterThanOrEqual(0);
          expect(factor).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
