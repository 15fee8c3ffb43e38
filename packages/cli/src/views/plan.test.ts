import type { ExperimentPlan } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { coloured, plain } from './paint.js';
import { renderPlan } from './plan.js';

function planOf(labels: number[][]): ExperimentPlan {
  const client = {
    epochs: 1,
    batchSize: 32,
    lastBatch: 'keep',
    optimizer: { use: 'sgd' },
    schedule: { use: 'constant' },
    clip: {},
    optimizerState: 'reset',
    onFailure: 'fail',
  } as const;
  return {
    spec: {
      apiVersion: 'fedx/v1',
      name: 'noniid-mnist',
      seed: 2023,
      seeds: {},
      plugins: [],
      dataset: { use: 'mnist' },
      partition: { use: 'dominant-label' },
      holdout: { test: 0.1, validation: 0 },
      model: { use: 'mlp' },
      client,
      strategy: { use: 'fedavg' },
      transforms: [],
      environment: {},
      server: { rounds: 100, cohort: { use: 'all' }, minimumCohort: 1 },
      controls: [],
      evaluate: { every: 1, metrics: [] },
      checkpoint: { every: 'auto', keep: 2 },
      engine: { use: 'auto' },
      executor: { use: 'worker-pool', workers: 'auto' },
      tracking: { mlflow: 'off', sinks: [] },
      expect: [],
    },
    points: [{ overrides: {} }],
    engine: 'onnx',
    examples: 1000,
    heldOut: { test: 500, validation: 0 },
    parameters: 101_770,
    arms: [{ arm: 'federated', steps: 100, localSteps: 187_500 }],
    partition: {
      labels,
      train: labels.map(() => 80),
      test: labels.map(() => 20),
      validation: labels.map(() => 0),
      heterogeneity: { jensenShannon: { mean: 0.1, max: 0.25 }, earthMovers: { mean: 0.3, max: 0.5 } },
    },
    attackers: [],
    warnings: [],
  };
}

describe('renderPlan', () => {
  it('shows each client: its labels, the share of the most frequent one, and how its examples are used', async () => {
    const text = await renderPlan(
      planOf([
        [75, 25, 0],
        [10, 10, 80],
      ]),
      { paint: plain },
    );
    expect(text).toContain(
      [
        'client   0   1   2  total  dominant  train  test',
        '     0  75  25   0    100    75.0 %     80    20',
        '     1  10  10  80    100    80.0 %     80    20',
      ].join('\n'),
    );
  });

  it('shows sizes, heterogeneity, model and arms', async () => {
    const text = await renderPlan(
      planOf([
        [75, 25],
        [10, 90],
      ]),
      { paint: plain },
    );
    expect(text).toContain(
      'test set 500, validation set 0\nwith the clients 200 of 1,000: train 160, test 40, validation 0',
    );
    expect(text).toContain("Jensen-Shannon divergence to all data's labels: mean 0.100, max 0.250");
    expect(text).toContain('mlp, 101,770 parameters, engine onnx');
    expect(text).toMatch(/federated +100 +187,500/);
  });

  it('has no share for a client without examples', async () => {
    expect(await renderPlan(planOf([[0, 0]]), { paint: plain })).toMatch(/0 +0 +0 +0 +– +80 +20/);
  });

  it('cuts the table of a large federation and says so', async () => {
    const text = await renderPlan(planOf(Array.from({ length: 1200 }, () => [1, 1])), { paint: plain });
    expect(text).toContain('… and 1,150 more clients; --json has all of them');
    expect(text.split('\n').length).toBeLessThan(80);
  });

  it('draws bars instead of numbers where there are colours and room', async () => {
    const plan = planOf([
      [75, 25],
      [10, 90],
    ]);
    expect(await renderPlan(plan, { paint: coloured, columns: 100 })).toContain('labels');
    expect(await renderPlan(plan, { paint: coloured, columns: 100 })).not.toContain(' 75 ');
    expect(await renderPlan(plan, { paint: coloured, columns: 40 })).toMatch(/ 75 +25 +100 /);
    // Some pseudo-terminals say that they are no columns wide.
    expect(await renderPlan(plan, { paint: coloured, columns: 0 })).toContain('labels');
  });

  it('says how many clients are attackers, and which', async () => {
    const plan = planOf([[1], [1], [1]]);
    expect(await renderPlan(plan, { paint: plain })).not.toContain('Attackers');
    const environment = { attackers: { share: 0.6, attack: { use: 'sign-flip' } } };
    const attacked = { ...plan, spec: { ...plan.spec, environment }, attackers: [0, 2] };
    expect(await renderPlan(attacked, { paint: plain })).toContain(
      '\n\nAttackers  sign-flip, 2 of 3 clients: 0, 2\n\n',
    );
  });

  it('says what the run would take where it was measured', async () => {
    const plan = planOf([[75, 25]]);
    expect(await renderPlan(plan, { paint: plain })).not.toContain('Estimate');
    const estimate = { secondsPerRound: 0.2123, seconds: 21.7, memoryBytes: 300.5 * 2 ** 20 };
    expect(await renderPlan({ ...plan, estimate }, { paint: plain })).toContain(
      '\n\nEstimate  about 22 s, 212.3 ms a round, 301 MiB of memory; from a few measured steps',
    );
    const points = [1, 2, 3].map((seed) => ({ overrides: { seed } }));
    expect(await renderPlan({ ...plan, estimate, points }, { paint: plain })).toContain(
      'Estimate  about 22 s for the first point, 1 min 06 s where all 3 are like it, 212.3 ms a round',
    );
  });
});
