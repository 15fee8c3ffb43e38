/** What attackers train on and send, worked out by hand. */
import type { Attack, Parameters } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alie, largestShift } from './alie.js';
import { gaussianAttack } from './gaussian.js';
import { labelFlip } from './label-flip.js';
import { normalQuantile } from './normal-quantile.js';
import { scaledReplacement } from './scaled-replacement.js';
import { signFlip } from './sign-flip.js';

const sent = (...values: number[]): Parameters => ({
  'delta/w': { shape: [values.length], data: Float32Array.from(values) },
});

/** What attackers of a round of `updates` updates send. */
function forged({ forge }: Attack, honest: readonly Parameters[], updates = 10): readonly number[][] {
  const call = {
    round: 1,
    honest: honest.map((one, client) => ({ client, sent: one })),
    updates,
    random: createRandom(1),
  };
  return (forge?.(call) ?? []).map((one) => [...(one['delta/w']?.data ?? [])]);
}

describe('label-flip', () => {
  it('says that it does nothing where a class becomes itself', () => {
    const round = { clients: 10, attackers: 2 };
    expect(labelFlip.create({ from: 7, to: 7 }).idle?.(round)).toContain('Class 7');
    expect(labelFlip.create({ from: 7, to: 1 }).idle?.(round)).toBeUndefined();
    expect(labelFlip.create({}).idle?.(round)).toBeUndefined();
  });

  it('mirrors all labels, so that twice is none', () => {
    const { relabel } = labelFlip.create({});
    expect([0, 3, 9].map((label) => relabel?.(label, 10))).toEqual([9, 6, 0]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(99), (classes, label) => {
        fc.pre(label < classes);
        expect(relabel?.(relabel(label, classes), classes)).toBe(label);
      }),
    );
  });

  it('turns one class into another', () => {
    const { relabel } = labelFlip.create({ from: 7, to: 1 });
    expect([0, 1, 7].map((label) => relabel?.(label, 10))).toEqual([0, 1, 1]);
  });

  it.each([
    { from: 10, to: 1 },
    { from: 1, to: 10 },
  ])('refuses classes that the dataset does not have: %j', (options) => {
    expect(() => labelFlip.create(options).relabel?.(0, 10)).toThrow(
      expect.objectContaining({
        code: 'FEDX_ENVIRONMENT_IMPOSSIBLE',
        message: expect.stringContaining('class 10, but the last one is 9') as string,
      }),
    );
  });
});

describe('sign-flip', () => {
  it('sends the opposite, times a factor', () => {
    expect(forged(signFlip.create({ factor: 3 }), [sent(1, -2), sent(0, 4)])).toEqual([
      [-3, 6],
      [-0, -12],
    ]);
  });
});

describe('gaussian', () => {
  it('sends noise of its own for each attacker, of the given deviation', () => {
    const wide = sent(...new Array<number>(20000).fill(5));
    const [first = [], second] = forged(gaussianAttack.create({ deviation: 2 }), [wide, wide]);
    expect(second).not.toEqual(first);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    const deviation = Math.sqrt(first.reduce((sum, value) => sum + value ** 2, 0) / first.length);
    // Within five standard errors.
    expect(Math.abs(mean)).toBeLessThan((5 * 2) / Math.sqrt(20000));
    expect(Math.abs(deviation - 2)).toBeLessThan((5 * 2) / Math.sqrt(40000));
  });
});

describe('scaled-replacement', () => {
  it('makes the mean of a round in which nobody else moved the attackers’ own', () => {
    const all = forged(scaledReplacement.create({}), [sent(1, 2), sent(3, 4)], 10);
    expect(all).toEqual([
      [5, 10],
      [15, 20],
    ]);
    // The mean of ten updates, eight of them zero, is that of the two.
    expect([0, 1].map((i) => all.reduce((sum, one) => sum + (one[i] ?? 0), 0) / 10)).toEqual([2, 3]);
  });

  it('scales by the given factor, and trains on mirrored labels', () => {
    const attack = scaledReplacement.create({ factor: 2 });
    expect(forged(attack, [sent(1, 2)])).toEqual([[2, 4]]);
    expect(attack.relabel?.(0, 10)).toBe(9);
  });
});

describe('alie', () => {
  it('finds z from the numbers of updates and attackers: 50 and 24 leave two supporters, 24 of 26', () => {
    // scipy.stats.norm.ppf(24 / 26)
    expect(largestShift(50, 24)).toBeCloseTo(1.4260768722, 8);
    // Six supporters are wanted: (30 - 6) / 30 = 0.8.
    expect(largestShift(50, 20)).toBeCloseTo(0.8416212336, 8);
  });

  it('stays at the mean where there are not enough attackers to hide', () => {
    expect(largestShift(5, 1)).toBe(0);
    expect(largestShift(1, 1)).toBe(0);
  });

  it('counts on one supporter where attackers are a majority', () => {
    expect(largestShift(10, 8)).toBe(0);
    expect(largestShift(100, 60)).toBeCloseTo(normalQuantile(39 / 40), 12);
  });

  it('says that it does nothing where z is 0 or an attacker is alone', () => {
    const why = (clients: number, attackers: number, options = {}) =>
      alie.create(options).idle?.({ clients, attackers });
    expect(why(10, 2)).toBe(
      'z is 0 for 2 attackers among 10 clients, so that they all send their mean. Set environment.attackers.attack.z above 0, or have more attackers.',
    );
    expect(why(10, 8)).toBe(
      'z is 0 for 8 attackers among 10 clients, so that they all send their mean. Set environment.attackers.attack.z above 0.',
    );
    expect(why(50, 24, { z: 0 })).toBe(
      'z is 0, so that they all send their mean. Set environment.attackers.attack.z above 0.',
    );
    expect(why(10, 1, { z: 1.5 })).toBe(
      'One attacker alone has a standard deviation of 0, so that it sends its honest update whatever z is (here 1.5). Have more attackers.',
    );
    expect([why(10, 3), why(10, 2, { z: 1.5 }), why(50, 24)]).toEqual([undefined, undefined, undefined]);
  });

  it('does nothing indeed where it says so', () => {
    expect(forged(alie.create({ z: 1.5 }), [sent(1, -4)])).toEqual([[1, -4]]);
    expect(forged(alie.create({}), [sent(1, -4), sent(3, 4)], 10)).toEqual([
      [2, 0],
      [2, 0],
    ]);
  });

  it('sends the mean less z deviations, the same from each attacker', () => {
    // Mean (2, 0), deviation (1, 4).
    const all = forged(alie.create({ z: 1.5 }), [sent(1, -4), sent(3, 4)]);
    expect(all).toEqual([
      [0.5, -6],
      [0.5, -6],
    ]);
  });
});

describe('the quantile of the normal distribution', () => {
  it.each([
    // scipy.stats.norm.ppf
    [0.5, 0],
    [0.6, 0.2533471031357997],
    [2 / 3, 0.43072729929545744],
    [0.9, 1.2815515655446004],
    [0.99, 2.3263478740408408],
  ])('of %d is %d', (probability, z) => {
    expect(normalQuantile(probability)).toBeCloseTo(z, 10);
  });
});
