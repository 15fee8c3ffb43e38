import type { ArmSummary, RunReport } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { plain } from './paint.js';
import { renderSweepClosing } from './sweep-closing.js';

let ids = 0;

function arm(
  overrides: Readonly<Record<string, unknown>>,
  accuracy: number | undefined,
  name = 'federated',
): ArmSummary {
  const metrics = accuracy === undefined ? {} : { 'test/accuracy': { last: accuracy, best: 1, bestStep: 1 } };
  return {
    id: `r-${++ids}`,
    name: 'n',
    arm: name,
    status: accuracy === undefined ? 'failed' : 'completed',
    seed: 1,
    engine: 'onnx',
    steps: 2,
    durationSeconds: 3,
    directory: 'd',
    overrides,
    metrics,
  };
}

const lines = async (report: Partial<RunReport>): Promise<string[]> =>
  (await renderSweepClosing({ invocation: 'i', runs: [], expectations: [], failures: [], ...report }, plain)).split(
    '\n',
  );

describe('how a sweep ended', () => {
  it('is a row for each combination and arm, with mean and interval over seeds', async () => {
    const runs = [0, 1].flatMap((mu) =>
      [1, 2].flatMap((seed) => {
        const overrides = { 'server.rounds': 2, 'strategy.mu': mu, seed };
        return [arm(overrides, mu / 2 + seed / 100), arm(overrides, 0.9, 'centralized')];
      }),
    );
    // Two values 0.01 apart: standard deviation 0.00707, margin 12.706 * 0.00707 / sqrt(2) = 0.0635.
    expect(await lines({ runs })).toEqual([
      '',
      'strategy.mu  arm          accuracy  ± 95 %  runs  seconds',
      '0            federated      0.0150  0.0635     2      3.0',
      '0            centralized    0.9000  0.0000     2      3.0',
      '1            federated      0.5150  0.0635     2      3.0',
      '1            centralized    0.9000  0.0000     2      3.0',
      '',
      'fedx compare i',
    ]);
  });

  it('says of private runs the most that one of a row gave away', async () => {
    const given = (seed: number, epsilon: number): ArmSummary => {
      const one = arm({ seed }, 0.5);
      return { ...one, metrics: { ...one.metrics, 'privacy/epsilon': { last: epsilon, best: epsilon, bestStep: 1 } } };
    };
    const rendered = await lines({ runs: [given(1, 2), given(2, 2.5), arm({ seed: 1 }, 0.5, 'centralized')] });
    expect(rendered.slice(1, 4)).toEqual([
      'arm          accuracy  ± 95 %  epsilon  runs  seconds',
      'federated      0.5000  0.0000   2.5000     2      3.0',
      'centralized    0.5000       –        –     1      3.0',
    ]);
  });

  it('says how many runs a row lacks, and what failed', async () => {
    const runs = [arm({ seed: 1 }, 0.5), arm({ seed: 2 }, undefined)];
    const failure = {
      overrides: { seed: 2 },
      code: 'FEDX_RUN_DIVERGED',
      message: 'Loss is NaN.',
      hint: 'h',
      place: {},
    } as const;
    const rendered = await lines({ runs, failures: [failure] });
    expect(rendered[2]).toMatch(/^federated +0\.5000 +– +1 of 2 +3\.0$/);
    expect(rendered).toContain('failed  seed=2  FEDX_RUN_DIVERGED: Loss is NaN.');
  });

  it('counts met expectations and names missed ones with their point', async () => {
    const runs = [arm({ seed: 1 }, 0.5), arm({ seed: 2 }, 0.7)];
    const expectations = runs.map(({ id }, index) => ({
      run: id,
      arm: 'federated',
      metric: 'test/accuracy',
      at: 'last' as const,
      value: 0.5 + 0.2 * index,
      within: [0.6, 0.8] as const,
      pass: index === 1,
    }));
    const rendered = await lines({ runs, expectations });
    expect(rendered).toContain('pass    1 of 2 expectations');
    expect(rendered).toContain('missed  federated test/accuracy 0.5000 not within 0.6 … 0.8  seed=1');
  });
});
