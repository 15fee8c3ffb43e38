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
    expect(evaluateExpectations('r', [expectation, { ...expectation, at: 'best' }], arms)).toEqual([
      { run: 'r', metric: 'test/accuracy', arm: 'federated', at: 'last', value: 0.855, within, pass: true },
      { run: 'r', metric: 'test/accuracy', arm: 'federated', at: 'best', value: 0.88, within, pass: false },
    ]);
  });

  it.each([
    [0.84, true],
    [0.87, true],
    [0.8399, false],
    [0.8701, false],
    [Number.NaN, false],
  ])('counts the bounds in: %d passes: %s', (value, pass) => {
    expect(evaluateExpectations('r', [expectation], [summary('federated', value, value)])).toMatchObject([
      { value, pass },
    ]);
  });

  it.each([
    ['an arm that is not there', 'iid', 'test/accuracy'],
    ['a metric that is not there', 'federated', 'test/acuracy'],
    ['a metric that every object seems to have', 'federated', 'constructor'],
  ])('is missed for %s', (_, arm, metric) => {
    const results = evaluateExpectations('r', [{ ...expectation, arm, metric }], [summary('federated', 0.85, 0.85)]);
    expect(results).toEqual([{ run: 'r', metric, arm, at: 'last', within, pass: false }]);
  });

  it('is missed for an arm that did not complete, however good it was', () => {
    const results = evaluateExpectations('r', [expectation], [summary('federated', 0.85, 0.85, 'interrupted')]);
    expect(results).toEqual([{ run: 'r', metric: 'test/accuracy', arm: 'federated', at: 'last', within, pass: false }]);
  });
});
