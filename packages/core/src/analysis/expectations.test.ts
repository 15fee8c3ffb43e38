import { describe, expect, it } from 'vitest';
import type { ArmSummary } from '../runs/index.js';
import type { ExpectSpec } from '../spec/index.js';
import { evaluateExpectations } from './expectations.js';

function summary(arm: string, last: number, best: number, status: ArmSummary['status'] = 'completed'): ArmSummary {
  const metrics = { 'test/accuracy': { last, best, bestStep: 97 } };
  return {
    id: 'r',
    name: 'n',
    arm,
    status,
    seed: 1,
    engine: 'onnx',
    steps: 100,
    durationSeconds: 1,
    directory: 'd',
    overrides: {},
    metrics,
  };
}

const within = [0.84, 0.87] as const;
const expectation: ExpectSpec = { arm: 'federated', metric: 'test/accuracy', at: 'last', within };

describe('evaluateExpectations', () => {
  it('compares the last or the best value', () => {
    const arms = [summary('centralized', 0.1, 0.1), summary('federated', 0.855, 0.88)];
    const best = { ...expectation, at: 'best' } as const;
    expect(evaluateExpectations('r', [expectation, best], arms, [])).toEqual([
      { run: 'r', ...expectation, value: 0.855, pass: true },
      { run: 'r', ...best, value: 0.88, pass: false },
    ]);
  });

  it.each([
    [0.84, true],
    [0.87, true],
    [0.8399, false],
    [0.8701, false],
    [Number.NaN, false],
  ])('counts the bounds in: %d passes: %s', (value, pass) => {
    expect(evaluateExpectations('r', [expectation], [summary('federated', value, value)], [])).toMatchObject([
      { value, pass },
    ]);
  });

  it.each([
    ['an arm that is not there', 'iid', 'test/accuracy'],
    ['a metric that is not there', 'federated', 'test/acuracy'],
    ['a metric that every object seems to have', 'federated', 'constructor'],
  ])('is missed for %s', (_, arm, metric) => {
    const wrong = { ...expectation, arm, metric };
    const results = evaluateExpectations('r', [wrong], [summary('federated', 0.85, 0.85)], []);
    expect(results).toEqual([{ run: 'r', ...wrong, pass: false }]);
  });

  it('is missed for an arm that did not complete, however good it was', () => {
    const results = evaluateExpectations('r', [expectation], [summary('federated', 0.85, 0.85, 'interrupted')], []);
    expect(results).toEqual([{ run: 'r', ...expectation, pass: false }]);
  });

  it('counts rounds to a target in the steps of its own arm, and keeps what others published', () => {
    const arms = [summary('iid', 0.9, 0.9), summary('federated', 0.9, 0.9)];
    const step = (arm: string, at: number, accuracy: number) => ({
      arm,
      step: at,
      metrics: { 'test/accuracy': accuracy },
    });
    const steps = [step('iid', 1, 0.95), step('federated', 1, 0.5), step('federated', 2, 0.7)];
    const reached: ExpectSpec = {
      ...expectation,
      at: { roundsTo: 0.6 },
      within: [1, 2],
      published: 3,
      source: 'table 1',
    };
    const never: ExpectSpec = { ...expectation, at: { roundsTo: 0.8 }, within: [1, 2] };
    expect(evaluateExpectations('r', [reached, never], arms, steps)).toEqual([
      { run: 'r', ...reached, value: 1.5, pass: true },
      { run: 'r', ...never, notReachedIn: 2, pass: false },
    ]);
  });
});
