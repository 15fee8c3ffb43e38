import { randomUUID } from 'node:crypto';
import { createMlflowClient, type MlflowClient, type MlflowError, tagEquals } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { all } from './all.js';
import { versions } from './mlflow-server.js';

describe.each(versions)('a client of MLflow %s', (version) => {
  const uri = inject('mlflowServers')[version];
  const isThree = version.startsWith('3.');
  let client: MlflowClient;
  let experimentId: string;

  const unique = (name: string): string => `${name}-${randomUUID()}`;
  const failure = (code: string): unknown => expect.objectContaining({ name: 'MlflowError', code });

  beforeAll(async () => {
    if (uri === undefined) return;
    client = createMlflowClient({ trackingUri: uri, env: {}, retries: 0, timeoutSeconds: 30 });
    experimentId = await client.experiments.create({ name: unique('client') });
  });

  afterAll(async () => {
    if (uri !== undefined) await client.close();
  });

  describe.skipIf(uri === undefined)('on a running server', () => {
    it('tells the server’s version', async () => {
      expect(await client.version()).toBe(version);
    });

    it('makes an experiment once, finds it by name and by id, renames, deletes and restores it', async () => {
      const name = unique('experiment “ä” 1');
      expect(await client.experiments.getByName(name)).toBeUndefined();
      const made = await client.experiments.getOrCreate({ name, tags: { team: 'a/b' } });
      expect(made).toMatchObject({ name, lifecycleStage: 'active', tags: { team: 'a/b' } });
      expect(await client.experiments.getOrCreate({ name })).toEqual(made);
      expect(await client.experiments.get(made.experimentId)).toEqual(made);
      await expect(client.experiments.create({ name })).rejects.toEqual(failure('RESOURCE_ALREADY_EXISTS'));

      await client.experiments.setTag(made.experimentId, 'note', 'two\nlines');
      const renamed = unique('renamed');
      await client.experiments.rename(made.experimentId, renamed);
      expect(await client.experiments.getByName(renamed)).toMatchObject({ tags: { team: 'a/b', note: 'two\nlines' } });

      await client.experiments.delete(made.experimentId);
      await expect(client.experiments.getOrCreate({ name: renamed })).rejects.toEqual(failure('INVALID_STATE'));
      await client.experiments.restore(made.experimentId);
      expect((await client.experiments.getOrCreate({ name: renamed })).experimentId).toBe(made.experimentId);
    });

    it('searches experiments page by page, each once', async () => {
      const prefix = unique('paged');
      const names = Array.from({ length: 5 }, (_, index) => `${prefix}-${index}`);
      for (const name of names) await client.experiments.create({ name });
      const search = { filter: `name LIKE '${prefix}%'`, orderBy: ['name ASC'], pageSize: 2 };
      expect((await all(client.experiments.search(search))).map(({ name }) => name)).toEqual(names);
    });

    it('keeps what a run is told: status, params, tags, name, parent', async () => {
      const parent = await client.runs.create({ experimentId, name: 'parent', startTime: 1_700_000_000_000 });
      expect(parent).toMatchObject({ name: 'parent', status: 'RUNNING', startTime: 1_700_000_000_000, metrics: {} });
      const child = await client.runs.create({ experimentId, parentRunId: parent.runId, tags: { 'fedx.arm': 'iid' } });

      await client.runs.logBatch(child.runId, {
        params: { 'client/epochs': '1' },
        tags: { quoted: `it's`, gone: 'x' },
      });
      await client.runs.setTag(child.runId, 'quoted', 'a "b" c');
      await client.runs.deleteTag(child.runId, 'gone');
      await client.runs.update(child.runId, { status: 'KILLED', endTime: 1_700_000_000_500, name: 'child' });

      const found = await client.runs.get(child.runId);
      expect(found).toMatchObject({
        name: 'child',
        status: 'KILLED',
        endTime: 1_700_000_000_500,
        params: { 'client/epochs': '1' },
        tags: { 'fedx.arm': 'iid', quoted: 'a "b" c', 'mlflow.parentRunId': parent.runId },
      });
      expect(found.tags).not.toHaveProperty('gone');
      expect(await all(client.runs.children(parent))).toEqual([found]);
      expect(
        await all(client.runs.search({ experimentIds: [experimentId], filter: tagEquals('quoted', 'a "b" c') })),
      ).toEqual([found]);

      await client.runs.delete(child.runId);
      expect(await all(client.runs.children(parent))).toEqual([]);
      await client.runs.restore(child.runId);
      expect(await all(client.runs.children(parent))).toHaveLength(1);
    });

    it('searches runs page by page, newest first, each once', async () => {
      const own = await client.experiments.create({ name: unique('many-runs') });
      const names = Array.from({ length: 7 }, (_, index) => `run-${index}`);
      for (const [index, name] of names.entries()) {
        await client.runs.create({ experimentId: own, name, startTime: 1_700_000_000_000 + index });
      }
      const found = await all(client.runs.search({ experimentIds: [own], pageSize: 3 }));
      expect(found.map(({ name }) => name)).toEqual(names.toReversed());
    });

    it('logs more metrics, params and tags than one request takes, and reads every point back', async () => {
      const { runId } = await client.runs.create({ experimentId });
      const points = Array.from({ length: 2345 }, (_, step) => ({
        step,
        timestamp: 1_700_000_000_000 + step,
        value: step / 7,
      }));
      const record = (prefix: string): Record<string, string> =>
        Object.fromEntries(Array.from({ length: 230 }, (_, index) => [`${prefix}-${index}`, `${index}`]));
      await client.runs.logBatch(runId, {
        metrics: points.map((point) => ({ key: 'test/accuracy', ...point })),
        params: record('param'),
        tags: record('tag'),
      });
      expect(await all(client.metrics.history(runId, 'test/accuracy', { pageSize: 1000 }))).toEqual(points);
      const run = await client.runs.get(runId);
      expect(run.params).toEqual(record('param'));
      expect(run.tags).toMatchObject(record('tag'));
      expect(run.metrics).toEqual({ 'test/accuracy': 2344 / 7 });
    });

    it('splits by size too: a hundred params of 6000 characters of three bytes each', async () => {
      const { runId } = await client.runs.create({ experimentId });
      const params = Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [`param-${index}`, '漢'.repeat(6000)]),
      );
      await client.runs.logBatch(runId, { params });
      expect((await client.runs.get(runId)).params).toEqual(params);
    });

    it('carries NaN, the infinities, zero, and the largest and smallest numbers', async () => {
      const { runId } = await client.runs.create({ experimentId });
      const values = [Number.NaN, Infinity, -Infinity, 0, -1.5e-300, Number.MAX_VALUE, Number.MIN_VALUE, 0.1 + 0.2];
      await client.runs.logBatch(runId, {
        metrics: values.map((value, step) => ({ key: 'odd', value, step, timestamp: 1_700_000_000_000 + step })),
      });
      const found = (await all(client.metrics.history(runId, 'odd'))).map(({ value }) => value);
      // What MLflow's SQL store makes of an infinity.
      expect(found).toEqual(values.map((value) => Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE)));
    });

    it('names the server’s own error code', async () => {
      const { runId } = await client.runs.create({ experimentId });
      await expect(client.runs.get('0'.repeat(32))).rejects.toEqual(failure('RESOURCE_DOES_NOT_EXIST'));
      await client.runs.logBatch(runId, { params: { fixed: '1' } });
      await client.runs.logBatch(runId, { params: { fixed: '1' } });
      const changed: unknown = await client.runs
        .logBatch(runId, { params: { fixed: '2' } })
        .catch((error: unknown) => error);
      expect(changed).toEqual(failure('INVALID_PARAMETER_VALUE'));
      expect(changed).toMatchObject({
        status: 400,
        transient: false,
        mayHaveHappened: false,
      } satisfies Partial<MlflowError>);
    });

    it('notes the datasets that a run reads', async () => {
      const { runId } = await client.runs.create({ experimentId });
      const dataset = {
        name: 'mnist',
        digest: '0123456789abcdef',
        sourceType: 'local',
        source: JSON.stringify({ uri: 'mnist-data' }),
        schema: JSON.stringify({ inputs: [28, 28] }),
        profile: JSON.stringify({ examples: 70_000 }),
        tags: { 'mlflow.data.context': 'training' },
      };
      await client.runs.logInputs(runId, { datasets: [dataset] });
      expect((await client.runs.get(runId)).datasets).toEqual([dataset]);
    });

    it('registers a model with versions, tags and aliases', async () => {
      const name = unique('model');
      const { artifactUri, runId } = await client.runs.create({ experimentId });
      await client.registeredModels.create({ name, description: 'first', tags: { task: 'digits' } });
      await expect(client.registeredModels.create({ name })).rejects.toEqual(failure('RESOURCE_ALREADY_EXISTS'));
      const source = `${artifactUri}/model`;
      const one = await client.modelVersions.create({ name, source, runId, tags: { arm: 'federated' } });
      expect(one).toMatchObject({ name, version: '1', source, runId, status: 'READY', tags: { arm: 'federated' } });
      await client.modelVersions.create({ name, source, runId });

      await client.registeredModels.setAlias(name, 'champion', '1');
      await client.registeredModels.setTag(name, 'task', 'letters');
      await client.registeredModels.update(name, 'second');
      await client.modelVersions.setTag(name, '2', 'stage', 'trial');
      await client.modelVersions.update(name, '2', 'the second');
      expect(await client.registeredModels.getByAlias(name, 'champion')).toMatchObject({
        version: '1',
        aliases: ['champion'],
      });
      expect(await client.registeredModels.get(name)).toMatchObject({
        description: 'second',
        tags: { task: 'letters' },
        aliases: { champion: '1' },
      });
      expect(await client.modelVersions.get(name, '2')).toMatchObject({
        description: 'the second',
        tags: { stage: 'trial' },
      });
      expect(await client.modelVersions.downloadUri(name, '2')).toBe(source);
      const found = await all(client.modelVersions.search({ filter: `name = '${name}'`, pageSize: 1 }));
      expect(found.map(({ version: number }) => number).sort()).toEqual(['1', '2']);

      await client.registeredModels.deleteAlias(name, 'champion');
      await client.registeredModels.deleteTag(name, 'task');
      await client.modelVersions.deleteTag(name, '2', 'stage');
      await client.modelVersions.delete(name, '2');
      await expect(client.modelVersions.get(name, '2')).rejects.toEqual(failure('RESOURCE_DOES_NOT_EXIST'));
      const renamed = unique('model');
      await client.registeredModels.rename(name, renamed);
      expect(await all(client.registeredModels.search({ filter: `name = '${renamed}'` }))).toMatchObject([
        { name: renamed, tags: {}, aliases: {} },
      ]);
      await client.registeredModels.delete(renamed);
      await expect(client.registeredModels.get(renamed)).rejects.toEqual(failure('RESOURCE_DOES_NOT_EXIST'));
    });

    if (isThree) {
      it('keeps LoggedModels with params, tags and metrics of their own', async () => {
        const { runId } = await client.runs.create({ experimentId });
        const made = await client.loggedModels.create({
          experimentId,
          name: 'digits',
          modelType: 'onnx',
          sourceRunId: runId,
          params: { hidden: '128' },
          tags: { arm: 'federated' },
        });
        expect(made).toMatchObject({ name: 'digits', status: 'PENDING', sourceRunId: runId, modelType: 'onnx' });
        const { modelId } = made;
        await client.loggedModels.logParams(modelId, { epochs: '1' });
        await client.loggedModels.setTags(modelId, { stage: 'trial', gone: 'x' });
        await client.loggedModels.deleteTag(modelId, 'gone');
        await client.runs.logOutputs(runId, [{ modelId, step: 3 }]);
        await client.runs.logBatch(runId, {
          metrics: [{ key: 'accuracy', value: 0.5, step: 3, timestamp: 1_700_000_000_000, modelId }],
        });
        expect(await client.loggedModels.finalize(modelId, 'READY')).toMatchObject({ status: 'READY' });

        const found = await client.loggedModels.get(modelId);
        expect(found).toMatchObject({
          status: 'READY',
          params: { hidden: '128', epochs: '1' },
          tags: { arm: 'federated', stage: 'trial' },
          metrics: [{ key: 'accuracy', value: 0.5, step: 3, runId }],
        });
        expect(found.tags).not.toHaveProperty('gone');
        expect((await client.runs.get(runId)).modelOutputs).toEqual([{ modelId, step: 3 }]);
        const search = { experimentIds: [experimentId], filter: "tags.stage = 'trial'" };
        expect((await all(client.loggedModels.search(search))).map((model) => model.modelId)).toEqual([modelId]);
        await client.loggedModels.delete(modelId);
        expect(await all(client.loggedModels.search(search))).toEqual([]);
      });
    } else {
      it('says that a server before 3.0 knows no LoggedModels', async () => {
        await expect(client.loggedModels.get('m-1')).rejects.toEqual(failure('ENDPOINT_NOT_FOUND'));
      });
    }

    it('ends a call by its signal, with the signal’s reason', async () => {
      const reason = new Error('enough');
      await expect(client.runs.get('x', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const found = client.experiments.search({ pageSize: 1, signal: controller.signal });
      await found.next();
      controller.abort(reason);
      await expect(found.next()).rejects.toBe(reason);
    });
  });
});
