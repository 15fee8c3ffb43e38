import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMlflowClient, type MlflowClient } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { versions } from './mlflow-server.js';

async function digest(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}

describe.each(versions)('artifacts through the proxy of MLflow %s', (version) => {
  const uri = inject('mlflowServers')[version];
  let proxy: FaultProxy;
  let client: MlflowClient;
  let runId: string;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fedx-artifacts-'));
    if (uri === undefined) return;
    proxy = await startFaultProxy(uri);
    client = createMlflowClient({
      trackingUri: proxy.uri,
      env: {},
      retries: 2,
      backoffSeconds: 0.01,
      timeoutSeconds: 30,
    });
    const experimentId = await client.experiments.create({ name: `artifacts-${randomUUID()}` });
    ({ runId } = await client.runs.create({ experimentId }));
  });

  afterAll(async () => {
    if (uri !== undefined) {
      await client.close();
      await proxy.close();
    }
    await rm(directory, { recursive: true, force: true });
  });

  describe.skipIf(uri === undefined)('on a running server', () => {
    it('takes a text, bytes and a stream, and gives the same back', async () => {
      const bytes = randomBytes(100_000);
      await client.artifacts.upload({ runId }, 'spec.yaml', 'name: “ä”\n');
      await client.artifacts.upload({ runId }, 'bytes.bin', bytes);
      await client.artifacts.upload({ runId }, 'streams/one.bin', async function* () {
        yield bytes.subarray(0, 10);
        yield bytes.subarray(10);
      });
      const expected = createHash('sha256').update(bytes).digest('hex');
      expect(await digest(await client.artifacts.download({ runId }, 'bytes.bin'))).toBe(expected);
      expect(await digest(await client.artifacts.download({ runId }, 'streams/one.bin'))).toBe(expected);
      await client.artifacts.downloadFile({ runId }, 'spec.yaml', join(directory, 'down/spec.yaml'));
      expect(await readFile(join(directory, 'down/spec.yaml'), 'utf8')).toBe('name: “ä”\n');
    });

    it('streams a file of 30 MB up and down', async () => {
      const file = join(directory, 'large.bin');
      await writeFile(file, randomBytes(30_000_000));
      // Straight to the server: the proxy of these tests keeps whole bodies in memory.
      const direct = createMlflowClient({ ...(uri === undefined ? {} : { trackingUri: uri }), env: {}, retries: 0 });
      await direct.artifacts.upload({ runId }, 'large.bin', { file });
      await direct.artifacts.downloadFile({ runId }, 'large.bin', `${file}.back`);
      expect(await digest(createReadStream(`${file}.back`))).toBe(await digest(createReadStream(file)));
      await direct.close();
    });

    it('lists folders, with names that need encoding, and deletes', async () => {
      const folder = join(directory, 'model');
      await mkdir(join(folder, 'deep er'), { recursive: true });
      await writeFile(join(folder, 'MLmodel'), 'flavors: {}\n');
      await writeFile(join(folder, 'deep er', 'a&b 5% ü.txt'), 'x');
      await client.artifacts.uploadFolder({ runId }, 'tree/model', folder);
      expect(await client.artifacts.list({ runId }, 'tree')).toEqual([{ path: 'tree/model', isFolder: true }]);
      expect(await client.artifacts.list({ runId }, 'tree/model')).toEqual([
        { path: 'tree/model/MLmodel', isFolder: false, size: 12 },
        { path: 'tree/model/deep er', isFolder: true },
      ]);
      const [odd] = await client.artifacts.list({ runId }, 'tree/model/deep er');
      expect(odd).toEqual({ path: 'tree/model/deep er/a&b 5% ü.txt', isFolder: false, size: 1 });
      const stream = await client.artifacts.download({ runId }, odd?.path ?? '');
      expect(Buffer.concat(await stream.toArray()).toString()).toBe('x');

      await client.artifacts.delete({ runId }, 'tree/model/MLmodel');
      expect((await client.artifacts.list({ runId }, 'tree/model')).map(({ path }) => path)).toEqual([
        'tree/model/deep er',
      ]);
      expect(await client.artifacts.list({ runId }, 'no/such/folder')).toEqual([]);
    });

    it('finds a registered model by version, alias and latest, and lets nobody change it', async () => {
      const folder = join(directory, 'registered');
      await mkdir(join(folder, 'data'), { recursive: true });
      await writeFile(join(folder, 'MLmodel'), 'flavors: {}\n');
      await writeFile(join(folder, 'data', 'model.onnx'), 'onnx');
      await client.artifacts.uploadFolder({ runId }, 'first', folder);
      await client.artifacts.upload({ runId }, 'second/MLmodel', 'flavors: { onnx: {} }\n');
      const { artifactUri } = await client.runs.get(runId);
      const name = `digits ${randomUUID()}`;
      await client.registeredModels.create({ name });
      await client.modelVersions.create({ name, source: `${artifactUri}/first`, runId });
      await client.modelVersions.create({ name, source: `${artifactUri}/second`, runId });
      await client.registeredModels.setAlias(name, 'champion', '1');

      const text = async (address: string, path: string): Promise<string> =>
        Buffer.concat(await (await client.artifacts.download({ artifactUri: address }, path)).toArray()).toString();
      expect(await text(`models:/${name}/1`, 'MLmodel')).toBe('flavors: {}\n');
      expect(await text(`models:/${name}@champion/data`, 'model.onnx')).toBe('onnx');
      expect(await text(`models:/${name}/latest`, 'MLmodel')).toBe('flavors: { onnx: {} }\n');
      expect(await text(`runs:/${runId}/second`, 'MLmodel')).toBe('flavors: { onnx: {} }\n');

      await client.artifacts.downloadFolder({ artifactUri: `models:/${name}@champion` }, '', join(directory, 'copy'));
      expect(await readFile(join(directory, 'copy/data/model.onnx'), 'utf8')).toBe('onnx');
      expect(await readFile(join(directory, 'copy/MLmodel'), 'utf8')).toBe('flavors: {}\n');
      await client.artifacts.downloadFolder({ artifactUri: `models:/${name}/1` }, 'data', join(directory, 'part'));
      expect(await readFile(join(directory, 'part/model.onnx'), 'utf8')).toBe('onnx');

      const owner = { artifactUri: `models:/${name}/1` };
      await expect(client.artifacts.upload(owner, 'MLmodel', 'x')).rejects.toMatchObject({
        code: 'CLIENT_INVALID_ARGUMENT',
      });
      await expect(client.artifacts.delete(owner, 'MLmodel')).rejects.toMatchObject({
        code: 'CLIENT_INVALID_ARGUMENT',
      });
      for (const missing of [`models:/${name}/9`, `models:/${name}/Production`, `models:/no ${name}/latest`]) {
        await expect(client.artifacts.list({ artifactUri: missing })).rejects.toMatchObject({
          code: 'RESOURCE_DOES_NOT_EXIST',
        });
      }
    });

    it.runIf(version.startsWith('3.'))('finds a LoggedModel by its id, and a version that was made of it', async () => {
      const { experimentId } = await client.runs.get(runId);
      const { artifactUri, modelId } = await client.loggedModels.create({ experimentId, name: 'digits' });
      await client.artifacts.upload({ artifactUri: `models:/${modelId}` }, 'MLmodel', 'flavors: {}\n');
      await client.loggedModels.finalize(modelId, 'READY');
      const expected = [{ path: 'MLmodel', isFolder: false, size: 12 }];
      expect(await client.artifacts.list({ artifactUri })).toEqual(expected);
      const name = `digits-${randomUUID()}`;
      await client.registeredModels.create({ name });
      await client.modelVersions.create({ name, source: `models:/${modelId}`, modelId });
      expect(await client.artifacts.list({ artifactUri: `models:/${name}/1` })).toEqual(expected);
    });

    it('names what is not there, and refuses paths that lead elsewhere', async () => {
      await expect(client.artifacts.download({ runId }, 'missing.bin')).rejects.toMatchObject({
        name: 'MlflowError',
        status: expect.any(Number),
      });
      for (const path of ['../other/x', 'a/../../x', 'a\\b', '.', '%2e%2e/x']) {
        await expect(client.artifacts.upload({ runId }, path, 'x')).rejects.toMatchObject({
          code: 'CLIENT_INVALID_ARGUMENT',
        });
      }
      await expect(client.artifacts.list({ artifactUri: 's3://user:secret@bucket/run' })).rejects.toMatchObject({
        code: 'CLIENT_ARTIFACTS_NOT_PROXIED',
        message: expect.not.stringContaining('secret'),
      });
    });

    it('falls back to one request where the store has no multipart upload', async () => {
      const file = join(directory, 'parts.bin');
      await writeFile(file, randomBytes(50_000));
      const parted = createMlflowClient({
        trackingUri: proxy.uri,
        env: {},
        multipartMinimumBytes: 1,
        multipartPartBytes: 20_000,
      });
      const before = proxy.requests.length;
      await parted.artifacts.upload({ runId }, 'parts.bin', { file });
      const sent = proxy.requests
        .slice(before)
        .map(({ method, path }) => `${method} ${path.replace(/\/[^/]*\/[0-9a-f]{32}\/.*/, '')}`);
      expect(sent).toEqual([
        `GET /api/2.0/mlflow/runs/get?run_id=${runId}`,
        'POST /api/2.0/mlflow-artifacts/mpu/create',
        'PUT /api/2.0/mlflow-artifacts/artifacts',
      ]);
      expect(await digest(await parted.artifacts.download({ runId }, 'parts.bin'))).toBe(
        await digest(createReadStream(file)),
      );
      await parted.close();
    });

    it('starts an upload anew after a reset, and a download that broke off', async () => {
      const file = join(directory, 'anew.bin');
      await writeFile(file, randomBytes(300_000));
      const faults: Fault[] = [{ do: 'lose-answer' }, { do: 'reset' }];
      proxy.decide(({ method }) => (method === 'PUT' ? faults.shift() : undefined) ?? { do: 'pass' });
      await client.artifacts.upload({ runId }, 'anew.bin', { file });
      expect(faults).toEqual([]);
      proxy.decide(({ path }) => {
        if (!path.endsWith('/anew.bin')) return { do: 'pass' };
        proxy.plan();
        return { do: 'cut', bytes: 1000 };
      });
      await client.artifacts.downloadFile({ runId }, 'anew.bin', `${file}.back`);
      expect(await digest(createReadStream(`${file}.back`))).toBe(await digest(createReadStream(file)));
    });
  });
});
