import { resolve } from 'node:path';
import type { ArmSummary, ErrorPlace, RunReport } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { renderClosing } from './closing.js';
import { plain } from './paint.js';

const arm = (name: string, changes: Partial<ArmSummary> = {}): ArmSummary => ({
  id: 'r-1',
  name: 'x',
  arm: name,
  status: 'completed',
  seed: 1,
  engine: 'onnx',
  steps: 100,
  durationSeconds: 16.24,
  directory: resolve('.fedx/runs/r-1'),
  overrides: {},
  metrics: { 'test/accuracy': { last: 0.855, best: 0.857, bestStep: 97 } },
  ...changes,
});

const lines = async (
  report: Pick<RunReport, 'runs' | 'expectations' | 'sinkFailures' | 'tracking'>,
): Promise<string[]> => (await renderClosing(report, plain)).split('\n').slice(1);

describe('renderClosing', () => {
  it('shows last and best accuracy, what it is of the centralized arm, seconds and folder', async () => {
    const centralized = arm('centralized', {
      use: 'centralized',
      metrics: { 'test/accuracy': { last: 0.9, best: 0.91, bestStep: 9 } },
    });
    expect(await lines({ runs: [arm('federated'), centralized], expectations: [] })).toEqual([
      'arm          accuracy    best  at step  of centralized  seconds  folder',
      'federated      0.8550  0.8570       97          95.0 %     16.2  .fedx/runs/r-1',
      'centralized    0.9000  0.9100        9         100.0 %     16.2  .fedx/runs/r-1',
    ]);
  });

  it('shows what the spec measures beside accuracy, and the mean over clients with models of their own', async () => {
    const at = (last: number) => ({ last, best: last, bestStep: 1 });
    const measured = {
      'test/loss': at(1),
      'test/accuracy/class-1': at(1),
      'test/macro-f1': at(0.5),
      'test/top/5': at(0.75),
    };
    const own = arm('local-only', { metrics: { 'personal/test/macro-f1/mean': at(0.25) } });
    const [, , , ...shown] = await lines({ runs: [arm('federated', { metrics: measured }), own], expectations: [] });
    expect(shown).toEqual([
      '',
      'arm         macro-f1   top/5',
      'federated     0.5000  0.7500',
      'local-only    0.2500       –',
    ]);
  });

  it('says what each arm gave away where noise was added, between the tables and what was expected', async () => {
    const at = (last: number) => ({ last, best: last, bestStep: 1 });
    const measured = { 'test/accuracy': at(0.5), 'privacy/epsilon': at(4.01132), 'privacy/delta': at(1e-5) };
    const expectation = { run: 'r', arm: 'federated', metric: 'test/accuracy', at: 'last', within: [0, 1] } as const;
    const report = {
      runs: [arm('federated', { metrics: measured }), arm('centralized')],
      expectations: [{ ...expectation, value: 0.5, pass: true }],
    };
    expect((await lines(report)).slice(3)).toEqual([
      '',
      'federated privacy: epsilon 4.0113 for delta 0.00001',
      '',
      'pass    federated test/accuracy 0.5000 within 0 … 1',
    ]);
  });

  it('says where the run is on MLflow, or what finishes it there', async () => {
    const report = { runs: [arm('federated')], expectations: [] };
    const tracking = { server: 'http://host', complete: true, url: 'http://host/#/experiments/1' };
    expect((await lines({ ...report, tracking })).slice(-1)).toEqual(['MLflow: http://host/#/experiments/1']);
    expect(
      (await lines({ ...report, tracking: { server: 'http://host', complete: false, problem: 'It is down.' } })).slice(
        -2,
      ),
    ).toEqual(['MLflow is not complete. It is down.', 'The run itself is whole; this sends the rest: fedx sync r-1']);
  });

  it('warns of sinks that were not given everything', async () => {
    const failure = { sink: 'post', run: 'r-1', problem: 'The sink post failed to take events: 500.' };
    const report = { runs: [arm('federated')], expectations: [] };
    const last = async (runs: number, place?: ErrorPlace) =>
      (await lines({ ...report, sinkFailures: [{ ...failure, runs, ...(place && { place }) }] })).at(-1);
    expect(await last(1)).toBe('warning: The sink post failed to take events: 500. The run itself is whole.');
    expect(await last(1, { file: '/w/post.ts', line: 3, column: 5 })).toBe(
      'warning: The sink post failed to take events: 500 (/w/post.ts:3:5). The run itself is whole.',
    );
    expect(await last(3)).toBe(
      'warning: The sink post failed to take events: 500. So it is with 3 runs; the runs themselves are whole.',
    );
  });

  it('leaves dashes where there is nothing to compare, and says how an arm ended', async () => {
    const [, row] = await lines({ runs: [arm('federated', { status: 'failed', metrics: {} })], expectations: [] });
    expect(row?.split(/ {2,}/)).toEqual(['federated (failed)', '–', '–', '–', '–', '16.2', '.fedx/runs/r-1']);
  });

  it('lists expectations after the table', async () => {
    const expectation = {
      run: 'r',
      arm: 'federated',
      metric: 'test/accuracy',
      at: 'last',
      within: [0.84, 0.87],
    } as const;
    const report: Pick<RunReport, 'runs' | 'expectations'> = {
      runs: [arm('federated')],
      expectations: [
        { ...expectation, value: 0.855, pass: true },
        { ...expectation, value: 0.9, pass: false },
        { ...expectation, arm: 'iid', pass: false },
        { ...expectation, at: 'best', value: 0.86, published: 0.855, source: 'Lee et al. 2023', pass: true },
        { ...expectation, at: { roundsTo: 0.8 }, value: 12.25, within: [1, 20], pass: true },
        { ...expectation, at: { roundsTo: 0.8 }, notReachedIn: 100, within: [1, 20], pass: false },
        { ...expectation, at: { meanOfLast: 5 }, value: 0.85, pass: true },
        { ...expectation, at: 50, value: 0.85, pass: true },
      ],
    };
    expect((await lines(report)).slice(3)).toEqual([
      'pass    federated test/accuracy 0.8550 within 0.84 … 0.87',
      'missed  federated test/accuracy 0.9000 not within 0.84 … 0.87',
      'missed  iid test/accuracy – not within 0.84 … 0.87',
      'pass    federated best test/accuracy 0.8600 within 0.84 … 0.87 (published 0.855, Lee et al. 2023)',
      'pass    federated rounds to test/accuracy 0.8 12.3 within 1 … 20',
      'missed  federated rounds to test/accuracy 0.8 not reached in 100, not within 1 … 20',
      'pass    federated test/accuracy over the last 5 0.8500 within 0.84 … 0.87',
      'pass    federated test/accuracy in step 50 0.8500 within 0.84 … 0.87',
    ]);
  });
});
