import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createHost, type Host, type RunReport } from '@fedx/core/host';
import { createMlflowClient, type MlflowClient, type Run } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createProject, type Project, plugins } from '../integration/tiny-federation.js';
import { all } from './all.js';
import { type Fault, startFaultProxy } from './fault-proxy.js';
import { versions } from './mlflow-server.js';

const sweep = ['executor.workers=1', 'server.rounds=2', 'sweep={ seed: [1, 2] }'];

/** The newest server; what is asked of it here does not differ from version to version. */
const uri = inject('mlflowServers')[versions[0]];

describe.skipIf(uri === undefined)('the run of an invocation in MLflow', () => {
  let project: Project;
  let client: MlflowClient;
  const signal = new AbortController().signal;

  beforeAll(async () => {
    project = await createProject();
    client = createMlflowClient({ trackingUri: uri ?? '', env: {}, retries: 0 });
  });

  afterAll(async () => {
    await client.close();
    await project.remove();
  });

  const hostIn = (folder: string, server: string, experiment: string): Host =>
    createHost({
      plugins,
      directory: join(project.folder, folder),
      cache: join(project.folder, 'cache'),
      env: {
        MLFLOW_TRACKING_URI: server,
        MLFLOW_EXPERIMENT_NAME: experiment,
        MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.02',
      },
    });
  const run = (host: Host, overrides: readonly string[], until = signal): Promise<RunReport> =>
    host.run({ file: join(project.folder, 'spec.yaml'), overrides }, { signal: until, onEvent: () => undefined });

  /** All runs of an experiment: those above, those below, and the ids that those below name as theirs above. */
  async function family(experiment: string): Promise<{ above: Run[]; below: Run[]; parents: Set<string | undefined> }> {
    const { experimentId } = await client.experiments.getOrCreate({ name: experiment });
    const runs = await all(client.runs.search({ experimentIds: [experimentId], viewType: 'ALL' }));
    const below = runs.filter(({ tags }) => tags['fedx.arm'] !== undefined);
    return {
      above: runs.filter((each) => !below.includes(each)),
      below,
      parents: new Set(below.map(({ tags }) => tags['mlflow.parentRunId'])),
    };
  }

  it('is one for all points of a sweep, holds what they share, and ends with them', async () => {
    const experiment = `sweep-${randomUUID()}`;
    const report = await run(hostIn('live', uri ?? '', experiment), sweep);
    expect(report.tracking).toMatchObject({ complete: true });
    const { above, below, parents } = await family(experiment);
    expect(above).toMatchObject([{ status: 'FINISHED', tags: { 'fedx.invocation': report.invocation } }]);
    expect(parents).toEqual(new Set([above[0]?.runId]));
    expect(below.map(({ name }) => name).sort()).toEqual(['federated seed=1', 'federated seed=2']);
    expect(below.map(({ params }) => params['seed']).sort()).toEqual(['1', '2']);
    expect(above[0]?.params).toMatchObject({ 'server.rounds': '2' });
    expect(above[0]?.params).not.toHaveProperty('seed');
    expect(above[0]?.tags).not.toHaveProperty('fedx.seed');
  });

  it('is made once by runs that are synced at the same time, while answers get lost', async () => {
    const experiment = `synced-${randomUUID()}`;
    const proxy = await startFaultProxy(uri ?? '');
    const lost = new Set<string>();
    proxy.decide(({ path, body }): Fault => {
      const once = `${path} ${body.toString()}`;
      if (!/runs\/(create|outputs)|logged-models$/.test(path) || lost.has(once)) return { do: 'pass' };
      lost.add(once);
      return { do: 'lose-answer' };
    });
    const { runs } = await run(hostIn('later', uri ?? '', experiment), ['tracking.mlflow=off', ...sweep]);
    const host = hostIn('later', proxy.uri, experiment);
    await Promise.all([...new Set(runs.map(({ id }) => id))].map((id) => host.sync(id, { signal })));
    const { above, below, parents } = await family(experiment);
    expect(lost.size).toBeGreaterThanOrEqual(5);
    expect(above).toMatchObject([{ status: 'FINISHED' }]);
    expect(below).toHaveLength(2);
    expect(parents).toEqual(new Set([above[0]?.runId]));
    await proxy.close();
  });

  it('is killed where the user interrupts, and finished once it is resumed', async () => {
    const experiment = `resumed-${randomUUID()}`;
    const host = hostIn('resumed', uri ?? '', experiment);
    const controller = new AbortController();
    const request = { file: join(project.folder, 'spec.yaml'), overrides: sweep };
    await expect(
      host.run(request, {
        signal: controller.signal,
        onPoint: ({ number }) => {
          if (number === 2) controller.abort();
        },
        onEvent: () => undefined,
      }),
    ).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
    // Interrupted, it does not wait for the server long enough for a promise.
    for (const id of await readdir(join(project.folder, 'resumed/.fedx/runs'))) await host.sync(id, { signal });
    expect((await family(experiment)).above).toMatchObject([{ status: 'KILLED' }]);

    await host.resume('latest', { signal, onEvent: () => undefined });
    const { above, below, parents } = await family(experiment);
    expect(above).toMatchObject([{ status: 'FINISHED' }]);
    expect(below.map(({ status }) => status)).toEqual(['FINISHED', 'FINISHED']);
    expect(parents).toEqual(new Set([above[0]?.runId]));
  });

  it('has failed where a point has', async () => {
    const experiment = `failed-${randomUUID()}`;
    const overrides = ['executor.workers=1', 'server.rounds=2', 'sweep={ partition.clients: [5, 500] }'];
    const report = await run(hostIn('failed', uri ?? '', experiment), overrides);
    expect(report.failures).toHaveLength(1);
    expect((await family(experiment)).above).toMatchObject([{ status: 'FAILED' }]);
  });
});
