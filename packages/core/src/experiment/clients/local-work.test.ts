import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LocalWork, stepsOfWork } from './local-work.js';

const work = (unit: LocalWork['unit'], amount: number, share = 1): LocalWork => ({ unit, amount, share });

describe('stepsOfWork', () => {
  it('counts the steps of epochs by what an epoch has, and steps whatever it has', () => {
    expect(stepsOfWork(work('epochs', 2), 19)).toBe(38);
    expect(stepsOfWork(work('steps', 30), 19)).toBe(30);
  });

  it('takes a share, rounded up to at least one step', () => {
    expect(stepsOfWork(work('epochs', 1, 0.5), 19)).toBe(10);
    expect(stepsOfWork(work('steps', 10, 0.01), 19)).toBe(1);
  });

  it('is the same in either unit where the steps are those of whole epochs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 99 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (epochs, stepsPerEpoch, share) => {
          expect(stepsOfWork(work('steps', epochs * stepsPerEpoch, share), stepsPerEpoch)).toBe(
            stepsOfWork(work('epochs', epochs, share), stepsPerEpoch),
          );
        },
      ),
    );
  });
});
