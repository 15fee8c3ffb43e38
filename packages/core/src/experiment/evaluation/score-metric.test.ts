import { describe, expect, it } from 'vitest';
import type { FinishCall } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { type MeasuredExamples, pickExamples, scoreMetric } from './score-metric.js';

const place = { arm: 'iid', round: 7, set: 'the test set', isSound: true };
const examples: MeasuredExamples = {
  examples: 3,
  classes: 2,
  measured: {
    right: { width: 1, data: Float32Array.of(1, 0, 1) },
    pair: { width: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  },
};

function score(finish: (call: FinishCall) => unknown, of = examples, isSound = true): unknown {
  const metric = { name: 'mine', better: 'higher', measure: () => ({}), finish: finish as never } as const;
  return scoreMetric(metric, of, { ...place, isSound });
}

describe('the score of a metric', () => {
  it('is made of sums over the examples, of each entry or of all', () => {
    expect(score(({ total, examples: count }) => total('right') / count)).toEqual({ '': 2 / 3 });
    expect(score(({ sums }) => Object.fromEntries(sums('pair').entries()))).toEqual({ '/0': 9, '/1': 12 });
    expect(score(({ total }) => total('pair'))).toEqual({ '': 21 });
  });

  it('is made of the values themselves, which a metric may change', () => {
    const twice = () => score(({ values }) => values('right').fill(2)[0]);
    expect([twice(), twice()]).toEqual([{ '': 2 }, { '': 2 }]);
    expect(score(({ total }) => total('right'))).toEqual({ '': 2 });
  });

  it('sums in float64: 2^24 and 1 and 1 are 2^24 + 2', () => {
    const data = Float32Array.of(2 ** 24, 1, 1);
    const of = { ...examples, measured: { x: { width: 1, data } } };
    expect(score(({ total }) => total('x'), of)).toEqual({ '': 2 ** 24 + 2 });
  });

  it('of some of the examples is as if there were no others', () => {
    const picked = pickExamples(examples, Uint32Array.of(2, 0));
    expect(picked.examples).toBe(2);
    expect(picked.measured['pair']?.data).toEqual(Float32Array.of(5, 6, 1, 2));
  });

  it('is nothing where the metric says nothing, and of no examples, of which it is not asked', () => {
    expect(score(() => undefined)).toEqual({});
    expect(score(({ examples: count }) => 1 / count, pickExamples(examples, new Uint32Array()))).toEqual({});
  });

  it('may be no number where the loss of the model is none', () => {
    expect(score(() => Number.NaN, examples, false)).toEqual({ '': Number.NaN });
  });

  it.each<[string, (call: FinishCall) => unknown, string]>([
    ['is not finite', () => 0 / 0, 'returned NaN on the test set'],
    ['is not finite, of one name', () => ({ a: 1, b: 1 / 0 }), 'returned Infinity as b on the test set'],
    ['is text', () => '0.5', 'returned the text "0.5", and no number, on the test set'],
    ['is a list', () => [1], 'returned a list, and no number, on the test set'],
    ['is null', () => null, 'returned null, and no number, on the test set'],
    [
      'asks for what was not measured',
      ({ total }) => total('rihgt'),
      'asked for rihgt, which it does not measure (it does: right, pair),',
    ],
  ])('names metric, arm and round where it %s', (_, finish, message) => {
    expect(() => score(finish)).toThrow(
      expect.objectContaining({
        code: 'FEDX_PLUGIN_FAILED',
        message: expect.stringMatching(
          new RegExp(`^The metric mine ${message.replace(/[()]/g, '\\$&')}.* in round 7\\.$`),
        ),
        place: { plugin: 'mine', arm: 'iid', round: 7 },
      }),
    );
  });

  it.each([
    [new TypeError('no x'), 'FEDX_PLUGIN_FAILED', 'The plugin mine failed on the test set in round 7: no x'],
    [new FedxError('FEDX_DATA_NOT_FOUND', 'no file'), 'FEDX_DATA_NOT_FOUND', 'no file'],
  ])('names metric, arm and round where it throws %s', (error, code, message) => {
    expect(() =>
      score(() => {
        throw error;
      }),
    ).toThrow(expect.objectContaining({ code, message, place: { plugin: 'mine', arm: 'iid', round: 7 } }));
  });
});
