/** What transforms make of what a client sends, worked out by hand. */
import type { Parameters, Transform, TransformCall } from '@fedx/core';
import { parameters as p } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adaptiveClip } from './adaptive-clip.js';
import { gaussianNoise } from './gaussian.js';
import { normClip } from './norm-clip.js';
import { qsgd } from './qsgd.js';
import { sign } from './sign.js';
import { topK } from './top-k.js';

const tensor = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const sent = (...values: number[]): Parameters => ({ 'delta/w': tensor(...values) });
const values = (parameters: Parameters): number[] => Object.values(parameters).flatMap(({ data }) => [...data]);

function call(given: Parameters, more: Partial<TransformCall<never, never>> = {}): TransformCall<never, never> {
  return {
    round: 1,
    client: 0,
    sent: given,
    bytes: 4 * p.count(given),
    state: undefined,
    server: undefined as never,
    random: createRandom(1),
    ...more,
  };
}

/** A transform whose states are whatever a test makes of them. */
const open = (made: unknown): Transform<never, never> => made as Transform<never, never>;

/** Updates of some tensors with values that float32 can hold. */
const updates = fc
  .array(fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((tensors): Parameters => Object.fromEntries(tensors.map((one, i) => [`delta/${i}`, tensor(...one)])));

describe('norm-clip', () => {
  it('scales what is longer down to the norm, over all tensors together', () => {
    const { apply } = open(normClip.create({ norm: 1 }));
    // |(3, 4)| over two tensors is 5.
    const made = apply(call({ 'delta/a': tensor(3), 'report/b': tensor(4) }));
    expect(values(made.sent)[0]).toBeCloseTo(0.6, 6);
    expect(values(made.sent)[1]).toBeCloseTo(0.8, 6);
    expect([made.bound, made.bytes]).toEqual([1, 8]);
  });

  it('leaves what is shorter alone, bit for bit', () => {
    const { apply } = open(normClip.create({ norm: 6 }));
    expect(values(apply(call(sent(3, 4))).sent)).toEqual([3, 4]);
  });
});

describe('adaptive-clip', () => {
  const clip = adaptiveClip.create({ initial: 2, quantile: 0.5, rate: 0.2, countNoise: 0 });

  it('notes who lay within the bound', () => {
    const made = [sent(3, 4), sent(0, 1)].map((one) =>
      clip.apply({ ...call(one), state: undefined, server: { bound: 2 } }),
    );
    expect(made.map(({ note, bound }) => [note, bound])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(p.norm(made[0]?.sent ?? {})).toBeCloseTo(2, 5);
  });

  it('moves the bound by exp(-rate * (b - quantile))', () => {
    const server = { bound: 2 };
    const moved = clip.next?.({ round: 1, server, notes: [1, 1, 1, 0], random: createRandom(1) });
    expect(moved?.server.bound).toBeCloseTo(2 * Math.exp(-0.2 * (0.75 - 0.5)), 12);
    expect(moved?.log).toEqual({ 'clip-bound': 2, 'clip-within': 0.75 });
  });

  it('finds the median of the clients’ norms', () => {
    const norms = [1, 2, 3, 4, 5];
    let server = { bound: 0.1 };
    for (let round = 1; round <= 400; round++) {
      const notes = norms.map((norm) => (norm <= server.bound ? 1 : 0));
      server = clip.next?.({ round, server, notes, random: createRandom(round) }).server ?? server;
    }
    expect(server.bound).toBeGreaterThan(2.7);
    expect(server.bound).toBeLessThan(3.3);
  });
});

describe('gaussian', () => {
  const wide = sent(...new Array<number>(20000).fill(1));

  it('adds noise of so many bounds to each update, where it is local', () => {
    const { apply } = open(gaussianNoise.create({ noise: 0.5, scope: 'local', delta: 1e-5 }));
    const noise = values(apply(call(wide, { bound: 3 })).sent).map((value) => value - 1);
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value ** 2, 0) / noise.length);
    // Within five standard errors of 1.5.
    expect(Math.abs(deviation - 1.5)).toBeLessThan((5 * 1.5) / Math.sqrt(40000));
  });

  it('leaves updates to the server, where it is central', () => {
    const { apply } = open(gaussianNoise.create({ noise: 0.5, scope: 'central', delta: 1e-5 }));
    expect(apply(call(wide, { bound: 3 }))).toMatchObject({ sent: wide, bound: 3 });
  });

  it('refuses to go without a bound', () => {
    const { apply } = open(gaussianNoise.create({ noise: 0.5, scope: 'local', delta: 1e-5 }));
    expect(() => apply(call(wide))).toThrow(expect.objectContaining({ code: 'FEDX_PRIVACY_UNMET' }));
  });
});

describe('top-k', () => {
  it('sends the largest values over all tensors, and adds the rest the next time', () => {
    const { apply } = topK.create({ share: 0.5, errorFeedback: true });
    const base = { ...call(sent()), server: undefined };
    const first = apply({ ...base, sent: { 'delta/a': tensor(1, -5), 'delta/b': tensor(3, 2) }, state: undefined });
    expect(values(first.sent)).toEqual([0, -5, 3, 0]);
    expect(first.bytes).toBe(16);
    const second = apply({ ...base, sent: { 'delta/a': tensor(1, 1), 'delta/b': tensor(0, 0.5) }, state: first.state });
    // (1 + 1, 1, 0, 0.5 + 2)
    expect(values(second.sent)).toEqual([2, 0, 0, 2.5]);
  });

  it('keeps the first of equal values, and at least one', () => {
    const { apply } = open(topK.create({ share: 0.01, errorFeedback: false }));
    const made = apply(call(sent(2, -2, 2)));
    expect([values(made.sent), made.state]).toEqual([[2, 0, 0], undefined]);
  });

  it('loses nothing: what is sent and what is kept sum to the update', () => {
    const { apply } = topK.create({ share: 0.3, errorFeedback: true });
    fc.assert(
      fc.property(updates, (given) => {
        const made = apply({ ...call(given), state: undefined, server: undefined });
        expect(p.distance(p.add(made.sent, made.state?.rest ?? {}), given)).toBe(0);
        const nonZero = values(made.sent).filter((value) => value !== 0).length;
        expect(nonZero).toBeLessThanOrEqual(Math.max(1, Math.round(0.3 * p.count(given))));
      }),
    );
  });
});

describe('qsgd', () => {
  it('leaves values at the levels alone: |v| = 5, levels of 1', () => {
    const { apply } = open(qsgd.create({ levels: 5 }));
    const made = apply(call(sent(3, -4, 0)));
    expect(values(made.sent)).toEqual([3, -4, 0]);
    // log2(11) = 3.46: four bits each, and a norm.
    expect(made.bytes).toBe(4 + 2);
  });

  it('is right in the mean', () => {
    const { apply } = open(qsgd.create({ levels: 1 }));
    const given = [0.6, -0.8];
    const draws = Array.from({ length: 20000 }, (_, seed) =>
      values(apply(call(sent(...given), { random: createRandom(seed) })).sent),
    );
    given.forEach((value, i) => {
      const mean = draws.reduce((sum, draw) => sum + (draw[i] ?? 0), 0) / draws.length;
      // A value of 0 or 1 by chance: within five standard errors.
      expect(Math.abs(mean - value)).toBeLessThan(
        5 * Math.sqrt((Math.abs(value) * (1 - Math.abs(value))) / draws.length),
      );
    });
  });

  it('lies within a level of each value', () => {
    fc.assert(
      fc.property(updates, fc.integer({ min: 1, max: 100 }), (given, levels) => {
        const { sent: made } = open(qsgd.create({ levels })).apply(call(given));
        for (const [name, { data }] of Object.entries(given)) {
          const level = p.norm({ [name]: tensor(...data) }) / levels;
          data.forEach((value, i) => {
            expect(Math.abs((made[name]?.data[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(level * (1 + 1e-5));
          });
        }
      }),
    );
  });
});

describe('sign', () => {
  it('sends signs times the mean magnitude of each tensor', () => {
    const made = open(sign.create({})).apply(call({ 'delta/a': tensor(1, -3), 'delta/b': tensor(0, -8, 4) }));
    expect(values(made.sent)).toEqual([2, -2, 4, -4, 4]);
    // A byte and a magnitude for each.
    expect(made.bytes).toBe(10);
  });

  it('sends bare signs times a fixed magnitude', () => {
    const made = open(sign.create({ magnitude: 0.5 })).apply(call(sent(1, -3, 0, 2, 2, 2, 2, 2, -9)));
    expect([values(made.sent), made.bytes]).toEqual([[0.5, -0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -0.5], 2]);
  });
});
