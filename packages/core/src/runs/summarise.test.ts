import { describe, expect, it } from 'vitest';
import type { JournalEntry, Metrics, RunEvent } from './events.js';
import { summarise } from './summarise.js';

const description = { seed: 2023, directory: '.fedx/runs/r', overrides: { 'strategy.mu': 0.1 } };
const started: RunEvent = {
  type: 'run-started',
  run: 'r',
  name: 'n',
  engine: 'onnx',
  workers: 2,
  arms: ['federated', 'iid'],
};

/** The events as a journal has them, half a second apart. */
function journal(events: readonly RunEvent[]): JournalEntry[] {
  return events.map((event, index) => ({ ...event, sequence: index + 1, time: 500 * index }));
}

function steps(arm: string, all: readonly Metrics[]): RunEvent[] {
  return all.map((metrics, index) => ({ type: 'step-completed', arm, step: index + 1, metrics }));
}

function metricsOf(all: readonly Metrics[]) {
  return summarise(journal([started, ...steps('federated', all)]), description)[0]?.metrics;
}

describe('summarise', () => {
  it('takes a metric for the better the lower it is where the run says so, of any set and name', () => {
    const metrics = (value: number) => ({
      'test/error': value,
      'clients/own-test/error/max': value,
      'test/error-free': value,
      'strategy/error': value,
    });
    const events = [{ ...started, lowerIsBetter: ['error'] }, ...steps('federated', [3, 1, 2].map(metrics))];
    const best = Object.entries(summarise(journal(events), description)[0]?.metrics ?? {}).map(([key, { best }]) => [
      key,
      best,
    ]);
    expect(Object.fromEntries(best)).toEqual({
      'test/error': 1,
      'clients/own-test/error/max': 1,
      'test/error-free': 3,
      'strategy/error': 3,
    });
  });

  it('tells each arm as the journal has it', () => {
    const events: RunEvent[] = [
      started,
      { type: 'arm-started', arm: 'federated', use: 'federated', steps: 2 },
      ...steps('federated', [{ 'test/accuracy': 0.9 }, { 'test/accuracy': 0.8 }]),
      { type: 'arm-completed', arm: 'federated', steps: 2, seconds: 16.2, model: 'model.safetensors' },
      { type: 'arm-started', arm: 'iid', use: 'iid', steps: 2 },
      ...steps('iid', [{ 'test/accuracy': 0.7 }]),
      { type: 'run-interrupted' },
    ];
    const run = { id: 'r', name: 'n', engine: 'onnx', ...description };
    expect(summarise(journal(events), description)).toEqual([
      {
        ...run,
        arm: 'federated',
        use: 'federated',
        status: 'completed',
        steps: 2,
        durationSeconds: 16.2,
        model: '.fedx/runs/r/model.safetensors',
        metrics: { 'test/accuracy': { last: 0.8, best: 0.9, bestStep: 1 } },
      },
      {
        ...run,
        arm: 'iid',
        use: 'iid',
        status: 'interrupted',
        steps: 1,
        durationSeconds: 0.5,
        metrics: { 'test/accuracy': { last: 0.7, best: 0.7, bestStep: 1 } },
      },
    ]);
  });

  it.each(['test/loss', 'validation/loss', 'local/loss', 'time/round-seconds', 'bytes/up', 'update/norm'])(
    'takes the lowest %s as best',
    (key) => {
      expect(metricsOf([{ [key]: 3 }, { [key]: 1 }, { [key]: 2 }])).toEqual({
        [key]: { last: 2, best: 1, bestStep: 2 },
      });
    },
  );

  it.each(['test/accuracy', 'test/accuracy/class-3', 'clients/own-test/accuracy/min', 'progress/examples'])(
    'takes the highest %s as best',
    (key) => {
      expect(metricsOf([{ [key]: 1 }, { [key]: 3 }, { [key]: 2 }])).toEqual({
        [key]: { last: 2, best: 3, bestStep: 2 },
      });
    },
  );

  it('takes the first of equal values as best', () => {
    expect(metricsOf([{ a: 1 }, { a: 1 }])).toEqual({ a: { last: 1, best: 1, bestStep: 1 } });
  });

  it('never takes NaN as best where there is a number', () => {
    const nan = Number.NaN;
    expect(metricsOf([{ 'test/loss': nan }, { 'test/loss': 2 }, { 'test/loss': nan }])).toEqual({
      'test/loss': { last: nan, best: 2, bestStep: 2 },
    });
    expect(metricsOf([{ 'test/loss': nan }])).toEqual({ 'test/loss': { last: nan, best: nan, bestStep: 1 } });
  });

  it('keeps the last value of a metric that is not there at every step', () => {
    expect(metricsOf([{ a: 1, b: 5 }, { a: 2 }])).toMatchObject({ a: { last: 2 }, b: { last: 5, bestStep: 1 } });
  });

  it('calls failed only the arm in which the run failed', () => {
    const failure: RunEvent = {
      type: 'run-failed',
      code: 'FEDX_RUN_DIVERGED',
      message: 'm',
      place: { arm: 'iid', round: 3 },
    };
    expect(summarise(journal([started, failure]), description).map(({ status }) => status)).toEqual([
      'interrupted',
      'failed',
    ]);
  });

  it('calls every unfinished arm failed where the run failed in none of them', () => {
    const failure: RunEvent = { type: 'run-failed', code: 'FEDX_STORAGE_FAILED', message: 'm', place: {} };
    expect(summarise(journal([started, failure]), description)).toMatchObject([
      { status: 'failed', steps: 0, durationSeconds: 0, metrics: {} },
      { status: 'failed', steps: 0, durationSeconds: 0, metrics: {} },
    ]);
  });

  it('calls the arms of a run that just ends interrupted', () => {
    expect(summarise(journal([started]), description).map(({ status }) => status)).toEqual([
      'interrupted',
      'interrupted',
    ]);
  });

  it('has nothing to tell of a run that never started', () => {
    expect(summarise([], description)).toEqual([]);
  });
});
