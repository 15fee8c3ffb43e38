import { describe, expect, it } from 'vitest';
import { minimal, refusal, resolve } from '../../../testing/minimal-spec.js';

describe('expectations', () => {
  it('name an arm of the spec and bounds in order', async () => {
    const expectation = (arm: string, within: string) =>
      `expect=[{ arm: ${arm}, metric: test/accuracy, within: ${within} }]`;
    expect((await resolve(minimal, 'controls=[iid]', expectation('iid', '[0, 1]'))).expect).toEqual([
      { arm: 'iid', metric: 'test/accuracy', at: 'last', within: [0, 1] },
    ]);
    expect(await refusal(minimal, expectation('centralized', '[0.9, 0.8]'))).toEqual([
      'There is no arm "centralized".',
      'No value lies within [0.9, 0.8].',
    ]);
    expect(await refusal(minimal, expectation('federated', '[0.9]'))).toEqual([
      'expect.0.within must be a list [low, high], got a list.',
    ]);
  });

  it.each([
    ['at: best', 'best'],
    ['at: 3', 3],
    ['at: { meanOfLast: 2 }', { meanOfLast: 2 }],
    ['at: { roundsTo: 0.97 }', { roundsTo: 0.97 }],
  ])('may be about another figure: %s', async (text, at) => {
    const request = `expect=[{ arm: federated, metric: test/accuracy, ${text}, within: [0, 1] }]`;
    expect((await resolve(minimal, 'server.rounds=10', request)).expect).toMatchObject([{ at }]);
  });

  it.each([
    [
      'at: first',
      'expect.0.at must be last, best, a step, or a mapping with meanOfLast or roundsTo, got the text "first".',
    ],
    ['at: 0', 'expect.0.at must be last, best, a step, or a mapping with meanOfLast or roundsTo, got 0.'],
    [
      'at: {}',
      'expect.0.at must be last, best, a step, or a mapping with either meanOfLast or roundsTo, got an empty mapping.',
    ],
    ['at: { roundTo: 0.97 }', 'Unknown key "roundTo" in expect.0.at.'],
    [
      'at: { roundsTo: 0.97, meanOfLast: 3 }',
      'expect.0.at must be last, best, a step, or a mapping with either meanOfLast or roundsTo, got a mapping.',
    ],
    ['at: 11', 'There is no step 11: the run has 10 rounds.'],
    ['at: 3', 'Step 3 is not evaluated: evaluate.every is 2.'],
    ['within: [1, 20], at: { roundsTo: 0.97 }', 'Up to 20 rounds are to pass, but the run ends after 10.'],
    ['at: { meanOfLast: 6 }', 'There is no mean of the last 6 values: the run is evaluated 5 times.'],
    ['published: 0.9', 'A published figure needs its source.'],
    ['source: table 1', 'There is a source, but no published figure.'],
  ])('refuse what no run can meet or nobody can look up: %s', async (text, message) => {
    const within = text.startsWith('within') ? '' : ', within: [0, 1]';
    const request = `expect=[{ arm: federated, metric: test/accuracy, ${text}${within} }]`;
    expect(await refusal(minimal, 'server.rounds=10', 'evaluate.every=2', request)).toEqual([message]);
  });

  it('leave the steps of a centralized arm open, whose number of epochs the data decides', async () => {
    const request = 'expect=[{ arm: centralized, metric: test/accuracy, at: 40, within: [0, 1] }]';
    expect((await resolve(minimal, 'server.rounds=10', 'controls=[centralized]', request)).expect).toHaveLength(1);
  });
});
