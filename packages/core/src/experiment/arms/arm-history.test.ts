import { describe, expect, it } from 'vitest';
import { differenceIn, historyOf, lastStep } from './arm-history.js';

describe('the history of an arm', () => {
  it('is what the journal holds of it, and of no other', () => {
    const step = (arm: string, number: number) => ({
      type: 'step-completed' as const,
      arm,
      step: number,
      metrics: { 'test/loss': number },
      sequence: 1,
      time: 0,
    });
    const history = historyOf('federated', [
      step('federated', 1),
      step('iid', 1),
      step('federated', 2),
      step('iid', 3),
    ]);
    expect(history).toMatchObject({ begun: false, completed: false });
    expect([...history.steps]).toEqual([
      [1, { 'test/loss': 1 }],
      [2, { 'test/loss': 2 }],
    ]);
    expect(lastStep(history)).toBe(2);
    expect(lastStep(historyOf('centralized', []))).toBe(0);
  });
});

describe('a step that is computed again', () => {
  it('may take another time, and NaN is NaN', () => {
    const before = { 'test/loss': Number.NaN, 'time/round-seconds': 1 };
    expect(differenceIn('iid', 3, before, { 'test/loss': Number.NaN, 'time/round-seconds': 2 })).toBeUndefined();
  });

  it.each([
    [
      { 'test/loss': 0.5 },
      { 'test/loss': 0.5000000000000001 },
      'test/loss is 0.5000000000000001 where the journal has 0.5',
    ],
    [{ 'test/loss': 0.5 }, {}, 'test/loss is missing where the journal has 0.5'],
    [{}, { 'test/accuracy': 1 }, 'test/accuracy is 1 where the journal has nothing'],
    [{ a: 0 }, { a: -0 }, 'a is 0 where'],
  ])('is refused where %j became %j', (before, now, message) => {
    expect(differenceIn('iid', 3, before, now)).toMatchObject({
      code: 'FEDX_RESUME_DIFFERS',
      place: { arm: 'iid', round: 3 },
      message: expect.stringContaining(message),
    });
  });
});
