import { describe, expect, it } from 'vitest';
import type { ArmSummary, ExpectationResult } from '../runs/index.js';
import type { ExpectSpec } from '../spec/index.js';
import { judge } from './verdicts.js';

const expectation: ExpectSpec = {
  arm: 'federated',
  metric: 'test/accuracy',
  at: { roundsTo: 0.97 },
  within: [80, 100],
  published: 87,
  source: 'table 1',
};

/** Runs of seeds 1, 2, …, each with such a figure; `null` did not reach the target, `undefined` has no figure. */
function runsWith(figures: readonly (number | null | undefined)[], overrides = {}, prefix = 'r') {
  const runs = figures.map((_, index): ArmSummary => {
    const id = `${prefix}-${index + 1}`;
    const described = { name: 'n', arm: 'federated', status: 'completed', engine: 'onnx', directory: 'd' } as const;
    const seed = index + 1;
    return { id, ...described, seed, steps: 1, durationSeconds: 1, overrides: { ...overrides, seed }, metrics: {} };
  });
  const expectations = figures.map((figure, index): ExpectationResult => {
    const outcome = figure === null ? { notReachedIn: 300 } : figure === undefined ? {} : { value: figure };
    return { run: `${prefix}-${index + 1}`, ...expectation, ...outcome, pass: false };
  });
  return { runs, expectations };
}

describe('judge', () => {
  it('holds the median over seeds against the bounds, whatever single seeds did', () => {
    expect(judge(runsWith([70, 95, 85, 90, 120]))).toEqual([
      {
        ...expectation,
        overrides: {},
        ...{ seeds: 5, censored: 0, missing: 0, median: 90, interval: [70, 120], confidence: 0.9375, pass: true },
      },
    ]);
    expect(judge(runsWith([70, 85, 101, 102, 120]))).toMatchObject([{ median: 101, pass: false }]);
  });

  it('counts a run that did not reach the target as larger than all others', () => {
    expect(judge(runsWith([85, null, 90]))).toMatchObject([
      { seeds: 3, censored: 1, median: 90, interval: [85, null], pass: true },
    ]);
    const [verdict] = judge(runsWith([85, null, null]));
    expect(verdict).toMatchObject({ seeds: 3, censored: 2, interval: [85, null], pass: false });
    expect(verdict).not.toHaveProperty('median');
  });

  it('passes nothing on runs that lack the figure', () => {
    expect(judge(runsWith([85, undefined, 90]))).toMatchObject([{ seeds: 2, missing: 1, median: 87.5, pass: false }]);
    expect(judge(runsWith([undefined]))).toMatchObject([{ seeds: 0, missing: 1, pass: false }]);
  });

  it('gives each configuration a verdict of its own', () => {
    const alike = { 'executor.workers': 1 };
    const [slow, fast] = [
      runsWith([90, 95], { rate: 0.1, ...alike }, 'slow'),
      runsWith([40, 42], { rate: 0.2, ...alike }, 'fast'),
    ];
    const together = {
      runs: [...slow.runs, ...fast.runs],
      expectations: [...slow.expectations, ...fast.expectations],
    };
    expect(judge(together)).toMatchObject([
      { overrides: { rate: 0.1 }, median: 92.5, pass: true },
      { overrides: { rate: 0.2 }, median: 41, pass: false },
    ]);
  });
});
