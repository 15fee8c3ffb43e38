import { describe, expect, it } from 'vitest';
import type { Parameters, Transform, Update } from '../../contracts/index.js';
import { norm } from '../../parameters/index.js';
import { createRandom } from '../../random/index.js';
import { type PrivacyQuestion, planPrivacy } from './privacy.js';
import { noisyUpdates } from './private-updates.js';
import { numbersOf, withNumbers } from './sent.js';
import { createUplink, type UplinkOptions } from './uplink.js';

const weight = (...values: number[]): Parameters => ({
  w: { shape: [values.length], data: Float32Array.from(values) },
});
const update = (client: number, delta: Parameters, report?: unknown): Update => ({
  client,
  delta,
  norm: norm(delta),
  report,
  examples: 1 + client,
  steps: 1,
  complete: true,
});
const random = createRandom(3);
const uplink = (options: Partial<UplinkOptions>) =>
  createUplink({
    attackers: new Set(),
    transforms: [],
    privacy: undefined,
    reads: 'each',
    weights: 'examples',
    environment: random.at('environment'),
    noise: random.at('noise'),
    ...options,
  });
const values = (parameters: Parameters): number[] => [...(parameters.w?.data ?? [])];

describe('what a client sends', () => {
  const report = { loss: 2, control: weight(3, 4), list: [Float32Array.of(5)], note: 'text', nothing: undefined };

  it('is its delta and every number of its report, by name', () => {
    expect(numbersOf(update(0, weight(1, 2), report))).toEqual({
      'delta/w': weight(1, 2).w,
      'report/loss': { shape: [], data: Float32Array.of(2) },
      'report/control/w': weight(3, 4).w,
      'report/list/0': { shape: [1], data: Float32Array.of(5) },
    });
  });

  it('takes other numbers in the same places', () => {
    const sent = update(0, weight(1, 2), report);
    const doubled = Object.fromEntries(
      Object.entries(numbersOf(sent)).map(([name, { shape, data }]) => [name, { shape, data: data.map((x) => 2 * x) }]),
    );
    expect({ ...withNumbers(sent, doubled) }).toEqual({
      ...sent,
      delta: weight(2, 4),
      norm: 2 * Math.sqrt(5),
      report: { loss: 4, control: weight(6, 8), list: [Float32Array.of(10)], note: 'text', nothing: undefined },
    });
  });
});

describe('the uplink', () => {
  /** Adds one, and counts a client's rounds in its state and all rounds at the server. */
  const counting: Transform<number, number> = {
    init: () => 100,
    apply: ({ sent, state = 0, server }) => ({
      sent: { 'delta/w': { shape: [1], data: Float32Array.of((sent['delta/w']?.data[0] ?? 0) + server + state) } },
      state: state + 1,
      note: state,
      bytes: 3,
    }),
    next: ({ server, notes }) => ({ server: server + 1000 * notes.length, log: { rounds: server } }),
  };
  const transforms = [{ name: 'counting', plugin: counting as Transform }];

  it('keeps a state for each client and one for the server, and counts bytes after the transforms', () => {
    const { send } = uplink({ transforms });
    const first = send(1, [update(0, weight(1)), update(1, weight(2))]);
    expect([...first.updates].map(({ delta }) => values(delta))).toEqual([[101], [102]]);
    expect([first.bytes, first.metrics]).toEqual([6, { 'transform/rounds': 100 }]);
    const second = send(2, [update(1, weight(2)), update(2, weight(3))]);
    expect([...second.updates].map(({ delta }) => values(delta))).toEqual([[2103], [2103]]);
  });

  it('goes on from where another one stopped', () => {
    const [one, other] = [uplink({ transforms }), uplink({ transforms })];
    one.send(1, [update(0, weight(1))]);
    other.restore(one.state());
    const again = [one, other].map(({ send }) => send(2, [update(0, weight(1))]));
    expect([...(again[1]?.updates ?? [])]).toEqual([...(again[0]?.updates ?? [])]);
  });

  it('shows a strategy that reads means no single update, whether or not anybody else looked at them', () => {
    for (const { send } of [uplink({ reads: 'mean' }), uplink({ reads: 'mean', transforms })]) {
      const { updates } = send(1, [update(0, weight(1)), update(1, weight(2))]);
      expect(updates.length).toBe(2);
      expect(() => [...updates]).toThrow(expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }));
      expect(() => updates.mean(() => weight(1))).toThrow(expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }));
      expect(() => updates.mean(undefined, () => 1)).toThrow(expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED' }));
    }
  });

  it('says that single updates are read where the strategy, a transform or an attacker reads them', () => {
    const forging = { name: 'forging', plugin: { forge: () => [] } };
    expect(uplink({ reads: 'mean' }).reads).toBe('mean');
    expect(uplink({ reads: 'mean', attack: forging }).reads).toBe('mean');
    expect(uplink({ reads: 'mean', attack: forging, attackers: new Set([1]) }).reads).toBe('each');
    expect(uplink({ reads: 'mean', transforms }).reads).toBe('each');
    expect(uplink({ reads: 'each' }).reads).toBe('each');
  });

  it('has the mean of updates that came in another order, or not all, by hand (1 * 1 + 2 * 4) / 3 = 3', () => {
    const sent = [update(0, weight(1)), update(1, weight(4))];
    for (const awaited of [sent, [...sent, update(2, weight(0))]]) {
      const { expect: awaiting, send } = uplink({ reads: 'mean' });
      const arrive = awaiting(awaited);
      sent.toReversed().forEach(arrive);
      const { updates } = send(1, sent);
      const first = updates.mean()['w']?.data ?? new Float32Array();
      expect([...first]).toEqual([3]);
      first[0] = 100;
      expect(values(updates.mean())).toEqual([3]);
    }
  });

  it('takes the mean of what is sent, not of what came, where attackers forge', () => {
    const attack = {
      name: 'tens',
      plugin: {
        forge: ({ honest }: { honest: readonly unknown[] }) => honest.map(() => ({ 'delta/w': weight(10)['w'] })),
      },
    } as unknown as NonNullable<UplinkOptions['attack']>;
    const { expect: awaiting, send } = uplink({
      attack,
      attackers: new Set([1]),
      reads: 'mean',
      weights: 'uniform',
    });
    const sent = [update(0, weight(2)), update(1, weight(4))];
    const arrive = awaiting(sent);
    sent.forEach(arrive);
    expect(values(send(1, sent).updates.mean())).toEqual([6]);
  });

  it('counts four bytes a number where nothing compresses', () => {
    expect(uplink({}).send(1, [update(0, weight(1, 2), { loss: 1 })]).bytes).toBe(12);
  });

  it.each([
    ['another shape', { sent: { 'delta/w': { shape: [2], data: new Float32Array(2) } } }],
    ['a value that is not finite', { sent: { 'delta/w': { shape: [1], data: Float32Array.of(NaN) } } }],
    ['nothing', undefined],
  ])('names a transform that makes %s', (_, made) => {
    const odd = { name: 'odd', plugin: { apply: () => made } as unknown as Transform };
    expect(() => uplink({ transforms: [odd] }).send(4, [update(2, weight(1))])).toThrow(
      expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED', place: { plugin: 'odd', round: 4, client: 2 } }),
    );
  });

  it('lets attackers forge what they send, before any transform, and nobody else', () => {
    const attack = {
      name: 'copy',
      plugin: {
        forge: ({ honest }: { honest: readonly { sent: Parameters }[] }) => honest.map(() => honest[0]?.sent ?? {}),
      },
    };
    const { updates } = uplink({ attack, attackers: new Set([1, 2]), transforms }).send(1, [
      update(0, weight(1)),
      update(1, weight(20)),
      update(2, weight(30)),
    ]);
    expect([...updates].map(({ delta }) => values(delta))).toEqual([[101], [120], [120]]);
  });
});

describe('the noisy sum', () => {
  const sent = [update(0, weight(1, 2), { control: weight(5) }), update(1, weight(3, 4), { control: weight(7) })];
  const noisy = (deviation: number, denominator = 2) => noisyUpdates(sent, { deviation, denominator, random });

  it('is divided by a number that nobody’s presence changes', () => {
    expect(values(noisy(0, 4).mean())).toEqual([1, 1.5]);
    expect(noisy(0, 4).length).toBe(4);
    expect(values(noisy(0).mean((one) => (one.report as { control: Parameters }).control))).toEqual([6]);
  });

  it('gets its noise once, however often it is asked for', () => {
    const updates = noisy(1);
    expect(values(updates.mean())).toEqual(values(updates.mean()));
    expect(values(updates.mean())).not.toEqual(values(noisy(0).mean()));
  });

  it('has the deviation that it is asked for', () => {
    const wide = [update(0, { w: { shape: [20000], data: new Float32Array(20000) } })];
    const mean = values(noisyUpdates(wide, { deviation: 3, denominator: 2, random }).mean());
    const deviation = Math.sqrt(mean.reduce((sum, value) => sum + value ** 2, 0) / mean.length);
    // Within five standard errors of 1.5.
    expect(Math.abs(deviation - 1.5)).toBeLessThan((5 * 1.5) / Math.sqrt(40000));
  });

  it.each([
    ['to look at one update', () => [...noisy(1)]],
    ['to weigh them differently', () => noisy(1).mean(undefined, ({ examples }) => examples)],
    [
      'to change them first',
      () => noisy(1).mean(({ delta: { w } }) => ({ w: { shape: [2], data: w?.data.slice() ?? new Float32Array() } })),
    ],
  ])('does not let a strategy have its way that wants %s', (_, ask) => {
    expect(ask).toThrow(expect.objectContaining({ code: 'FEDX_PRIVACY_UNMET' }));
  });
});

describe('a report under noise', () => {
  const privacy = { scope: 'local', centralNoise: 0, delta: 1e-5, denominator: Number, epsilon: () => 1 } as const;
  const asSent: Transform = { apply: ({ sent, bytes }) => ({ sent, bytes }) };
  const send = (report: unknown) =>
    uplink({ privacy, transforms: [{ name: 'as-sent', plugin: asSent }] }).send(1, [update(0, weight(1), report)]);

  it('is numbers and parameters', () => {
    expect(
      send({ loss: 2, control: weight(3), list: [Float32Array.of(5), 1], nothing: undefined }).updates.length,
    ).toBe(1);
    expect(send(undefined).updates.length).toBe(1);
  });

  it.each<[unknown, string]>([
    ['text', '(report)'],
    [{ list: [1, { flag: true }] }, '(report.list.1.flag)'],
  ])('is refused where it is not: %j', (report, place) => {
    expect(() => send(report)).toThrow(
      expect.objectContaining({ code: 'FEDX_PRIVACY_UNMET', message: expect.stringContaining(place) as string }),
    );
  });
});

describe('what a run says of its privacy', () => {
  const clip = { name: 'norm-clip', privacy: { role: 'clip' } } as const;
  const noise = (scope: 'central' | 'local', multiplier = 2) =>
    ({ name: 'gaussian', privacy: { role: 'noise', scope, multiplier, delta: 1e-5 } }) as const;
  const plan = (question: Partial<PrivacyQuestion>) =>
    planPrivacy({
      steps: [clip, noise('central')],
      weights: 'uniform',
      inclusion: 1,
      asksLosses: false,
      clients: 100,
      rounds: 10,
      environment: {},
      ...question,
    });

  it('is nothing without noise', () => {
    expect(plan({ steps: [clip] })).toBeUndefined();
    expect(plan({ steps: [] })).toBeUndefined();
  });

  it('counts on no sampling but Poisson’s', () => {
    // Opacus 1.6.0: three rounds with a noise of 2, all clients; and each with a probability of 1/2.
    expect(plan({})?.epsilon(3, 3)).toBeCloseTo(4.011321708510026, 8);
    expect(plan({})?.delta).toBe(1e-5);
    expect(plan({ inclusion: 0.5 })?.epsilon(3, 3)).toBeCloseTo(2.4659780031370273, 8);
    expect([1, 0.5, undefined].map((inclusion) => plan({ inclusion })?.denominator(7))).toEqual([100, 50, 7]);
    const environment = { dropouts: { probability: 0.2 } };
    expect(plan({ inclusion: 0.5, environment })?.denominator(7)).toBe(40);
  });

  it('takes it that one client more may displace another where clients are not sampled independently', () => {
    // The sum without the one and with the other is two bounds away: as half the noise.
    const steps = [clip, noise('central', 4)];
    expect(plan({ steps, inclusion: undefined })?.epsilon(3, 3)).toBeCloseTo(4.011321708510026, 8);
  });

  it('is, for local noise, that of the busiest client, whose updates may lie two bounds apart', () => {
    expect(plan({ steps: [clip, noise('local', 4)] })?.epsilon(9, 3)).toBeCloseTo(4.011321708510026, 8);
  });

  it('pays for the count that a bound follows: 1 / z^2 = 1 / 4^2 + 1 / (2 * s)^2', () => {
    const countNoise = 0.5 / Math.sqrt(1 / 4 - 1 / 16);
    const adaptive = { name: 'adaptive-clip', privacy: { role: 'clip', countNoise } } as const;
    expect(plan({ steps: [adaptive, noise('central', 4)] })?.epsilon(3, 3)).toBeCloseTo(4.011321708510026, 8);
  });

  it.each<[string, Partial<PrivacyQuestion>]>([
    ['noise without a clip right before it', { steps: [noise('central')] }],
    ['a transform between clip and noise', { steps: [clip, { name: 'qsgd' }, noise('local')] }],
    ['noise twice', { steps: [clip, noise('local'), noise('local')] }],
    ['a transform after central noise', { steps: [clip, noise('central'), { name: 'top-k' }] }],
    ['weights by examples', { weights: 'examples' }],
    ['weights by examples, whose number clients tell', { weights: 'examples', steps: [clip, noise('local')] }],
    [
      'a bound that follows a bare count',
      { steps: [{ name: 'a', privacy: { role: 'clip', countNoise: 0 } }, noise('central')] },
    ],
    [
      'local noise where clients say whether they lay within a bound',
      { steps: [{ name: 'a', privacy: { role: 'clip', countNoise: 1 } }, noise('local')] },
    ],
    ['cohorts that may be empty', { inclusion: 0.01 }],
    ['rounds in which no update may arrive', { environment: { dropouts: { probability: 0.9 } } }],
    ['too little noise for how seldom cohorts are empty', { inclusion: 0.2, steps: [clip, noise('central', 0.1)] }],
    ['a sampler that asks for losses', { asksLosses: true }],
    [
      'stragglers, whose number depends on who else takes part',
      { environment: { stragglers: { share: 0.1, work: 0.5, policy: 'drop' } } },
    ],
  ])('refuses %s', (_, question) => {
    expect(() => plan(question)).toThrow(expect.objectContaining({ code: 'FEDX_PRIVACY_UNMET' }));
  });

  it('says whether cohorts are empty too often for any epsilon, or the noise is too small for how often they are', () => {
    const refusal = (inclusion: number, multiplier: number) => () =>
      plan({ inclusion, rounds: 1, steps: [clip, noise('central', multiplier)] });
    expect(refusal(0.01, 0.001)).toThrow(
      expect.objectContaining({
        message:
          'The run would not be as private as it says: with 100 clients of probability 0.01 a cohort may well be empty, which a noisy sum must not tell.',
        hint: 'Let more clients take part, or sample with a higher probability.',
      }),
    );
    // 550000 + 11 log 0.2 + log(0.1 / 1.1) - 10 log(1.1e-5), of order 1.1; log(1e-7 / 0.8^100) at most.
    expect(refusal(0.2, 0.001)).toThrow(
      expect.objectContaining({
        message:
          'The run would not be as private as it says: with the noise of transforms.1 epsilon is 550094 after round 1, but with 100 clients of probability 0.2, who may all stay away at once, no epsilon above 6.20 can be promised.',
        hint: 'The noise of transforms.1 is too small: raise it, or let more clients take part.',
      }),
    );
    expect(refusal(0.2, 1)).not.toThrow();
  });
});
