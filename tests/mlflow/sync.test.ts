import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { createHost, type Host } from '@fedx/core/host';
import { createMlflowClient, type MlflowClient, type Run } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createProject, type Run as LocalRun, type Project } from '../integration/tiny-federation.js';
import { all } from './all.js';
import { type Fault, startFaultProxy } from './fault-proxy.js';
import { pointsOf, pointsOn } from './metric-points.js';
import { versions } from './mlflow-server.js';

const overrides = ['server.rounds=40', 'controls=[iid]', 'executor.workers=1'];

/** The same faults in the same order each time: a share of the requests, drawn by a small generator. */
function unreliable(seed: number, share: number): () => Fault {
  const faults: readonly Fault[] = [
    { do: 'lose-answer' },
    { do: 'refuse', status: 500 },
    { do: 'refuse', status: 503 },
    { do: 'refuse', status: 429, headers: { 'retry-after': '0' } },
    { do: 'reset' },
  ];
  let state = seed;
  const draw = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return () => (draw() < share ? (faults[Math.floor(draw() * faults.length)] ?? { do: 'pass' }) : { do: 'pass' });
}

describe.each(versions)('runs in MLflow %s', (version) => {
  const uri = inject('mlflowServers')[version];
  let project: Project;
  let finished: LocalRun;

  beforeAll(async () => {
    if (uri === undefined) return;
    project = await createProject();
    finished = await project.run([...overrides, 'tracking.mlflow=off']);
  });

  afterAll(async () => {
    if (uri !== undefined) await project.remove();
  });

  const experimentOf = (name: string): string => `${name}-${randomUUID()}`;
  const hostFor = (trackingUri: string, experiment: string): Host =>
    createHost({
      plugins: [],
      directory: project.folder,
      env: {
        MLFLOW_TRACKING_URI: trackingUri,
        MLFLOW_EXPERIMENT_NAME: experiment,
        MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.02',
        MLFLOW_HTTP_REQUEST_TIMEOUT: '10',
      },
    });
  const signal = new AbortController().signal;
  const direct = (): MlflowClient => createMlflowClient({ trackingUri: uri ?? '', env: {}, retries: 0 });

  describe.skipIf(uri === undefined)('on a running server', () => {
    it('are there while they run: parent, arms, params, tags, dataset, points, files, status', async () => {
      const experiment = experimentOf('live');
      const env = { MLFLOW_TRACKING_URI: uri, MLFLOW_EXPERIMENT_NAME: experiment };
      const { error, events, folder, report } = await project.run(overrides, { env });
      expect(error).toBeUndefined();
      expect(report?.tracking).toMatchObject({ server: uri, complete: true });

      const client = direct();
      expect(await pointsOn(client, experiment)).toEqual(pointsOf(events));
      const { experimentId } = await client.experiments.getOrCreate({ name: experiment });
      const runs = await all(client.runs.search({ experimentIds: [experimentId] }));
      const parent = runs.find((run) => run.tags['fedx.invocation'] === report?.invocation);
      const arm = runs.find((run) => run.tags['fedx.arm'] === 'federated');
      expect(runs).toHaveLength(3);
      expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'FINISHED'));
      expect(arm).toMatchObject({
        name: 'federated',
        params: { 'client.optimizer.learningRate': '0.1', 'server.rounds': '40', 'partition.use': 'iid' },
        tags: {
          'mlflow.parentRunId': parent?.runId,
          'fedx.run': basename(folder),
          'fedx.engine': 'onnx',
          'fedx.use': 'federated',
          'fedx.seed': '5',
          'fedx.entries': String(events.length),
          'fedx.version': expect.any(String),
          'fedx.spec-hash': expect.stringMatching(/^[0-9a-f]{64}$/),
          'fedx.partition-hash': expect.stringMatching(/^[0-9a-f]{64}$/),
          'fedx.package.onnxruntime-node': expect.stringMatching(/^1\./),
        },
        datasets: [{ name: 'mnist' }],
      });
      const filesOf = async (run: Run | undefined): Promise<string[]> =>
        (await client.artifacts.list({ runId: run?.runId ?? '' })).map(({ path }) => path);
      const always = ['confusion-matrix.json', 'confusion-matrix.svg', 'environment.json', 'model.safetensors'];
      const shown = (paths: readonly string[]): string[] =>
        [...paths, ...(version.startsWith('2.') ? ['model'] : []), 'spec.resolved.yaml'].sort();
      expect(await filesOf(arm)).toEqual(shown([...always, 'partition-table.json', 'partition.json', 'partition.svg']));
      expect(await filesOf(runs.find((run) => run.tags['fedx.arm'] === 'iid'))).toEqual(shown(always));
      expect(await filesOf(parent)).toEqual(['spec.yaml']);
      const picture = await client.artifacts.download({ runId: arm?.runId ?? '' }, 'partition.svg');
      expect((await picture.toArray()).join('')).toMatch(/^<svg [^]*Images by client and label[^]*<\/svg>$/);
      await client.close();
    });

    it('are filled in afterwards, once however often, and tell what else is there', async () => {
      const experiment = experimentOf('afterwards');
      const proxy = await startFaultProxy(uri ?? '');
      const host = hostFor(proxy.uri, experiment);
      const expected = pointsOf(finished.events);
      const count = Object.values(expected)
        .flatMap((keys) => Object.values(keys))
        .flat().length;
      expect(await host.sync(finished.folder, { signal })).toMatchObject({ points: count, server: proxy.uri });
      const client = direct();
      expect(await pointsOn(client, experiment)).toEqual(expected);

      const metricsSent = (): number =>
        proxy.requests.filter(
          ({ body, path }) => path.endsWith('log-batch') && !body.toString().includes('"metrics":[]'),
        ).length;
      const before = metricsSent();
      const again = await host.sync(finished.folder, { signal });
      expect(metricsSent()).toBe(before);
      expect(again.points).toBe(count);

      const foreign = [{ key: 'test/accuracy', value: 0.123, step: 1, timestamp: 1_700_000_000_000 }];
      await client.runs.logBatch(again.runs['federated'] ?? '', { metrics: foreign });
      await expect(host.sync(finished.folder, { signal })).rejects.toMatchObject({
        code: 'FEDX_TRACKING_MISMATCH',
        message: expect.stringContaining('test/accuracy in arm federated'),
      });
      await client.close();
      await proxy.close();
    });

    it('lose no point and double none where two in five requests fail or are never answered, one way or another', async () => {
      const experiment = experimentOf('unreliable');
      const proxy = await startFaultProxy(uri ?? '');
      const host = hostFor(proxy.uri, experiment);
      const next = unreliable(1, 0.4);
      let stalls = 0;
      proxy.decide(({ body, path }) => {
        const isFirst = path.endsWith('/log-batch') && !body.toString().includes('"metrics":[]') && stalls === 0;
        // Taken, and then silence until the client's time is up.
        if (!isFirst) return next();
        stalls += 1;
        return { do: 'stall' };
      });
      let outcome: unknown;
      // A sync may give up; any number of further ones continues it.
      for (let attempt = 0; attempt < 20; attempt++) {
        outcome = await host.sync(finished.folder, { signal }).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) break;
        expect(outcome).toMatchObject({ code: 'FEDX_TRACKING_FAILED' });
      }
      expect(outcome).not.toBeInstanceOf(Error);
      const client = direct();
      expect(await pointsOn(client, experiment)).toEqual(pointsOf(finished.events));
      const { experimentId } = await client.experiments.getOrCreate({ name: experiment });
      expect(await all(client.runs.search({ experimentIds: [experimentId], viewType: 'ALL' }))).toHaveLength(3);
      // Not only did the store not keep a point twice: none came to it twice, so that no store could have.
      const sent = proxy.forwarded
        .filter(({ path }) => path.endsWith('/log-batch'))
        .flatMap(({ body }) => {
          const { run_id: runId, metrics } = JSON.parse(body.toString()) as {
            run_id: string;
            metrics: { key: string; step: number }[];
          };
          return metrics.map(({ key, step }) => `${runId} ${key} ${step}`);
        });
      expect(new Set(sent).size).toBe(sent.length);
      expect(stalls).toBe(1);
      await client.close();
      await proxy.close();
    });

    it('are refused to a second process that sends the same', async () => {
      const proxy = await startFaultProxy(uri ?? '');
      const host = hostFor(proxy.uri, experimentOf('twice'));
      proxy.decide(({ path }) => {
        if (path.endsWith('log-batch'))
          second ??= host.sync(finished.folder, { signal }).catch((error: unknown) => error);
        return { do: 'pass' };
      });
      let second: Promise<unknown> | undefined;
      await host.sync(finished.folder, { signal });
      expect(await second).toMatchObject({ code: 'FEDX_TRACKING_BUSY' });
      await proxy.close();
    });
  });
});
