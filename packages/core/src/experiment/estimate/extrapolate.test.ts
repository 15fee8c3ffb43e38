import { describe, expect, it } from 'vitest';
import type { ArmPlan } from '../arms/plan-arms.js';
import { extrapolate, type MeasuredArm } from './extrapolate.js';

const client = {
  epochs: 2,
  batchSize: 10,
  lastBatch: 'keep',
  optimizer: { use: 'sgd' },
  schedule: { use: 'constant' },
  clip: {},
  optimizerState: 'reset',
  onFailure: 'fail',
} as const;

const arm = (plan: Partial<ArmPlan>): MeasuredArm => ({
  plan: { name: 'federated', use: 'federated', client, steps: 5, localSteps: 80, ...plan },
  secondsPerStep: 0.5,
  secondsPerEvaluation: 2,
});

// Clients of 3 and 5 batches: 2 * (3 + 5) = 16 steps a round, 80 in 5 rounds.
const sizes = [25, 50];

describe('extrapolate', () => {
  it('divides work by the workers', () => {
    // 80 steps of half a second on 2 workers, and 5 evaluations of 2 s.
    expect(extrapolate({ arms: [arm({})], sizes, cohort: 2, evaluateEvery: 1, workers: 2 })).toBe(20 + 10);
    // Evaluated after rounds 2 and 4, and at the end.
    expect(extrapolate({ arms: [arm({})], sizes, cohort: 2, evaluateEvery: 2, workers: 2 })).toBe(20 + 6);
  });

  it('adds up arms that share the workers', () => {
    const arms = [arm({}), arm({ name: 'iid', use: 'iid' })];
    expect(extrapolate({ arms, sizes, cohort: 2, evaluateEvery: 1, workers: 2 })).toBe(60);
  });

  it('is as long as the largest client of each round, however many workers there are', () => {
    // 5 rounds of 2 epochs of 5 batches: 50 steps, more than 80 / 16 workers and the evaluations.
    expect(extrapolate({ arms: [arm({})], sizes, cohort: 2, evaluateEvery: 5, workers: 16 })).toBe(25);
  });

  it('counts the clients that a worker takes one after the other', () => {
    // 3 clients on 2 workers: one worker has two of them, 5 rounds of 2 * 8 steps each.
    const arms = [arm({ localSteps: 5 * 3 * 8 })];
    expect(extrapolate({ arms, sizes: [40, 40, 40], cohort: 3, evaluateEvery: 5, workers: 2 })).toBe(40);
  });

  it('is as long as a centralized arm, whose steps wait for each other', () => {
    const arms = [arm({ use: 'centralized', localSteps: 800 })];
    expect(extrapolate({ arms, sizes, cohort: 2, evaluateEvery: 1, workers: 8 })).toBe(400);
  });

  it('evaluates every client’s own model where each trains alone', () => {
    const arms = [arm({ use: 'local-only' })];
    expect(extrapolate({ arms, sizes, cohort: 2, evaluateEvery: 1, workers: 2 })).toBe(20 + 5 * 2 * 2);
  });
});
