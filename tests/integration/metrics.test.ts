import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project, type Run, resultsOf } from './tiny-federation.js';

const controls = 'controls=[iid, centralized, local-only]';
const validation = 'holdout.validation=0.2';
const chosen =
  'evaluate.metrics=[{ use: macro-f1 }, { use: top-k-accuracy, k: [1, 2] }, { use: expected-calibration-error }]';

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(() => project.remove());

/** The metrics of an arm's last step. */
function last({ events, error }: Run, arm: string): Readonly<Record<string, number>> {
  if (error !== undefined) throw error as Error;
  const steps = events.filter((event) => event.type === 'step-completed').filter((event) => event.arm === arm);
  return steps.at(-1)?.metrics ?? {};
}

/** The mean over classes of 2 TP / (examples + predicted), from a confusion matrix. */
function macroF1(confusion: readonly (readonly number[])[]): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const scores = confusion.flatMap((row, label) => {
    const met = sum(row) + sum(confusion.map((other) => other[label] ?? 0));
    return met === 0 ? [] : [(2 * (row[label] ?? 0)) / met];
  });
  return sum(scores) / scores.length;
}

describe('the metrics that a spec chooses', () => {
  let run: Run;
  beforeAll(async () => {
    run = await project.run([controls, validation, chosen, 'executor.workers=1']);
  });

  it.each(['federated', 'iid', 'centralized'])('say of the deployed model of %s what its predictions say', (arm) => {
    const metrics = last(run, arm);
    const completed = run.events.filter((event) => event.type === 'arm-completed').find((event) => event.arm === arm);
    expect(metrics['test/macro-f1']).toBeCloseTo(macroF1(completed?.confusion ?? []), 12);
    for (const set of ['test', 'validation']) {
      expect(metrics[`${set}/top-k-accuracy/1`]).toBe(metrics[`${set}/accuracy`]);
      expect(metrics[`${set}/top-k-accuracy/2`]).toBeGreaterThanOrEqual(metrics[`${set}/accuracy`] ?? 1);
    }
    const own = 'clients/own-test';
    for (const figure of ['mean', 'p10', 'min'])
      expect(metrics[`${own}/top-k-accuracy/1/${figure}`]).toBe(metrics[`${own}/accuracy/${figure}`]);
    expect(metrics[`${own}/top-k-accuracy/1/counted`]).toBe(metrics[`${own}/counted`]);
  });

  it('say of the clients’ own models what their predictions say, the worst of an error being the highest', () => {
    const metrics = last(run, 'local-only');
    for (const set of ['personal/own-test', 'personal/test']) {
      expect(metrics[`${set}/top-k-accuracy/1/mean`]).toBe(metrics[`${set}/accuracy/mean`]);
      const error = `${set}/expected-calibration-error`;
      expect(metrics[`${error}/max`]).toBeGreaterThanOrEqual(metrics[`${error}/p90`] ?? 1);
      expect(metrics).not.toHaveProperty([`${error}/min`]);
    }
  });

  it('may be expected, each of them in its arm, and the best error is the lowest', async () => {
    const keys = ['federated', 'local-only'].flatMap((arm) =>
      Object.keys(last(run, arm)).map((metric) => ({ arm, metric })),
    );
    const expectations = keys.map((key) => ({ ...key, within: [-1e9, 1e9] }));
    const { report, error } = await project.run([
      controls,
      validation,
      chosen,
      `expect=${JSON.stringify(expectations)}`,
    ]);
    expect(error).toBeUndefined();
    expect(report?.expectations.filter(({ pass }) => !pass)).toEqual([]);
    const errors = report?.runs[0]?.metrics['test/expected-calibration-error'];
    const all = run.events.flatMap((event) =>
      event.type === 'step-completed' && event.arm === 'federated'
        ? [event.metrics['test/expected-calibration-error']]
        : [],
    );
    expect(errors?.best).toBe(Math.min(...all.map((value) => value ?? Number.NaN)));
  });

  it('are the same bits for any number of workers, and near those of plain tfjs', async () => {
    const expected = await resultsOf(run);
    expect(await resultsOf(await project.run([controls, validation, chosen, 'executor.workers=3']))).toEqual(expected);
    const eager = last(await project.run([validation, chosen, 'server.rounds=1', 'engine.use=eager']), 'federated');
    const compiled = last(await project.run([validation, chosen, 'server.rounds=1', 'engine.use=onnx']), 'federated');
    for (const [key, value] of Object.entries(compiled))
      if (!key.startsWith('time/')) expect(eager[key], key).toBeCloseTo(value, 4);
  });

  it('stop a federation by what is better: an error that is low enough', async () => {
    const stop = 'server.stop={ metric: validation/expected-calibration-error, at: 0.99 }';
    const { report, error } = await project.run([validation, chosen, stop]);
    expect(error).toBeUndefined();
    expect(report?.runs[0]?.steps).toBe(1);
  });
});

describe('a metric that is wrong', () => {
  /** A metric as a user would write it, in `metric.ts`. */
  const file = (measure: string, finish: string) => `import { defineMetric } from '@fedx/core';
export default defineMetric({
  name: 'mine',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ measure: ({ tf, logits, labels }) => (${measure}), finish: ({ total, examples, values }) => ${finish} }),
});
`;
  const top = '{ top: tf.max(logits, 1) }';

  it.each([
    ['throws', top, '{ throw new Error("no luck") }', 'The plugin mine failed on the test set in round 1: no luck'],
    ['measures its batch', '{ top: tf.max(logits) }', '1', 'The metric mine measures top of shape []'],
  ])('is named where it %s', async (_, measure, finish, message) => {
    const name = `metric-${message.length}-${finish.length}.ts`;
    await project.write(name, file(measure, finish));
    const { error } = await project.run([`plugins=[./${name}]`, 'evaluate.metrics=[{ use: mine }]']);
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringContaining(message),
      place: { plugin: 'mine', ...(message.includes('round 1') && { arm: 'federated', round: 1 }) },
    });
  });

  it('is named with the line where it cannot be compiled', async () => {
    await project.write('top-k.ts', file('{ top: tf.topk(logits, 2).values }', '1'));
    const { error } = await project.run(['plugins=[./top-k.ts]', 'evaluate.metrics=[{ use: mine }]']);
    expect(error).toMatchObject({ code: 'FEDX_COMPILE_UNSUPPORTED_OP', place: { plugin: 'mine' } });
  });

  it('is refused where it has the name of what every run measures', async () => {
    await project.write('accuracy.ts', file(top, '1').replace("'mine'", "'accuracy'"));
    const { error } = await project.run(['plugins=[./accuracy.ts]', 'evaluate.metrics=[{ use: accuracy }]']);
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_INVALID',
      message: expect.stringContaining('measured in every run'),
    });
  });
});
