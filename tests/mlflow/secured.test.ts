import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMlflowClient, type MlflowClient, type MlflowClientOptions } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from './fault-proxy.js';
import { freePort, type MlflowServer, programOf, startServer } from './mlflow-server.js';

const newest = '3.17.2';
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fedx-secured-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** What a call comes to: the server's version, or the error. */
async function ask(options: MlflowClientOptions): Promise<unknown> {
  const client = createMlflowClient({ env: {}, retries: 0, ...options });
  try {
    return await client.experiments.get('0').then(({ name }) => name);
  } catch (error) {
    return error;
  } finally {
    await client.close();
  }
}

describe.skipIf(inject('mlflowServers')[newest] === undefined)(`MLflow ${newest} behind TLS`, () => {
  let proxy: FaultProxy;
  let certificate: string;
  let both: string;

  beforeAll(async () => {
    certificate = join(directory, 'certificate.pem');
    const key = join(directory, 'key.pem');
    both = join(directory, 'both.pem');
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject, ...files], {
      stdio: 'ignore',
    });
    writeFileSync(both, `${readFileSync(certificate, 'utf8')}${readFileSync(key, 'utf8')}`);
    const tls = { cert: readFileSync(certificate), key: readFileSync(key), ca: readFileSync(certificate) };
    proxy = await startFaultProxy(inject('mlflowServers')[newest] ?? '', {
      ...tls,
      requestCert: true,
      rejectUnauthorized: false,
    });
  });

  afterAll(() => proxy.close());

  const clientNames = (): unknown[] => proxy.requests.map(({ clientName }) => clientName);

  it('is refused where nobody vouches for its certificate, at once and with nothing sent', async () => {
    const refused = await ask({ trackingUri: proxy.uri, retries: 5 });
    expect(refused).toMatchObject({ code: 'CLIENT_CONNECTION_FAILED', transient: false, mayHaveHappened: false });
    expect(proxy.requests).toEqual([]);
  });

  it('is trusted by its certificate, or blindly', async () => {
    expect(await ask({ trackingUri: proxy.uri, serverCertPath: certificate })).toBe('Default');
    expect(await ask({ trackingUri: proxy.uri, env: { MLFLOW_TRACKING_INSECURE_TLS: 'true' } })).toBe('Default');
    expect(clientNames()).toEqual([undefined, undefined]);
  });

  it('is shown the client’s certificate', async () => {
    expect(await ask({ trackingUri: proxy.uri, serverCertPath: certificate, clientCertPath: both })).toBe('Default');
    expect(clientNames().at(-1)).toBe('127.0.0.1');
  });

  it('is not called with settings that contradict each other or cannot be read', () => {
    const options = [
      { insecureTls: true, serverCertPath: certificate },
      { serverCertPath: join(directory, 'none.pem') },
    ];
    for (const wrong of options) {
      expect(() => createMlflowClient({ trackingUri: proxy.uri, env: {}, ...wrong })).toThrow(
        expect.objectContaining({ code: 'CLIENT_BAD_CONFIGURATION' }),
      );
    }
  });
});

/** An S3 in memory (moto), with a bucket `artifacts`, behind a proxy whose address all are given. */
async function startObjectStore(): Promise<{ readonly proxy: FaultProxy; readonly close: () => Promise<void> }> {
  const port = await freePort();
  const store = spawn(programOf(newest, 'moto_server') ?? '', ['--host', '127.0.0.1', '--port', String(port)], {
    stdio: 'ignore',
  });
  const proxy = await startFaultProxy(`http://127.0.0.1:${port}`);
  const isThere = (): Promise<boolean> =>
    fetch(`${proxy.uri}/artifacts`, { method: 'PUT' }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (store.exitCode === null && !(await isThere())) await sleep(100);
  return {
    proxy,
    async close() {
      store.kill('SIGKILL');
      await proxy.close();
    },
  };
}

describe.skipIf(programOf(newest, 'mlflow') === undefined)(`MLflow ${newest} with users and an object store`, () => {
  let server: MlflowServer;
  let store: Awaited<ReturnType<typeof startObjectStore>>;

  beforeAll(async () => {
    const configuration = join(directory, 'auth.ini');
    const database = `sqlite:///${join(directory, 'users.db')}`;
    const users = `default_permission = READ\ndatabase_uri = ${database}\nadmin_username = ada\nadmin_password = a-long-password`;
    const authorize = 'authorization_function = mlflow.server.auth:authenticate_request_basic_auth';
    writeFileSync(configuration, `[mlflow]\n${users}\n${authorize}\n`);
    store = await startObjectStore();
    server = await startServer({
      version: newest,
      directory: join(directory, 'users'),
      arguments: ['--app-name', 'basic-auth', '--artifacts-destination', 's3://artifacts/all'],
      env: {
        MLFLOW_AUTH_CONFIG_PATH: configuration,
        MLFLOW_FLASK_SERVER_SECRET_KEY: 'for-tests',
        MLFLOW_S3_ENDPOINT_URL: store.proxy.uri,
        AWS_ACCESS_KEY_ID: 'for-tests',
        AWS_SECRET_ACCESS_KEY: 'for-tests',
        AWS_DEFAULT_REGION: 'us-east-1',
      },
    });
  });

  afterAll(async () => {
    await server.kill();
    await store.close();
  });

  it('lets in who knows the password, and tells others so', async () => {
    const trackingUri = server.uri;
    expect(await ask({ trackingUri, username: 'ada', password: 'a-long-password' })).toBe('Default');
    expect(await ask({ trackingUri: trackingUri.replace('//', '//ada:a-long-password@') })).toBe('Default');
    const variables = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'a-long-password' };
    expect(await ask({ trackingUri, env: variables })).toBe('Default');
    expect(await ask({ trackingUri })).toMatchObject({ code: 'UNAUTHENTICATED', status: 401, transient: false });
    expect(await ask({ trackingUri, username: 'ada', password: 'wrong' })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  describe('takes a large file in parts', () => {
    let client: MlflowClient;
    let runId: string;
    let file: string;
    // The smallest parts that S3 allows, and a shorter last one.
    const partBytes = 5 * 2 ** 20;
    const bytes = randomBytes(2 * partBytes + 12_345);

    beforeAll(async () => {
      client = createMlflowClient({
        trackingUri: server.uri,
        username: 'ada',
        password: 'a-long-password',
        env: {},
        retries: 2,
        backoffSeconds: 0.01,
        multipartMinimumBytes: bytes.length,
        multipartPartBytes: partBytes,
      });
      file = join(directory, 'large.bin');
      writeFileSync(file, bytes);
      ({ runId } = await client.runs.create({ experimentId: '0' }));
    });

    afterAll(() => client.close());

    const partOf = ({ method, path }: ProxiedRequest): string | undefined =>
      method === 'PUT' ? /[?&]partNumber=(\d+)/.exec(path)?.[1] : undefined;
    /** Numbers of the parts that came to the store since a request, in their order. */
    const partsSince = (first: number): (string | undefined)[] =>
      store.proxy.requests
        .slice(first)
        .map(partOf)
        .filter((part) => part !== undefined);
    /** What the store holds of uploads that were begun and neither completed nor aborted. */
    const unfinished = async (): Promise<number> =>
      (await (await fetch(`${store.proxy.uri}/artifacts?uploads`)).text()).split('<Upload>').length - 1;

    it('that go straight to the store, without the password, and each again that was lost', async () => {
      const before = store.proxy.requests.length;
      const faults: Fault[] = [{ do: 'pass' }, { do: 'reset' }, { do: 'lose-answer' }];
      store.proxy.decide((request) => (partOf(request) === undefined ? undefined : faults.shift()) ?? { do: 'pass' });
      await client.artifacts.upload({ runId }, 'model/large.bin', { file });
      expect(partsSince(before)).toEqual(['1', '2', '2', '2', '3']);
      const parts = store.proxy.requests.slice(before).filter((request) => partOf(request) !== undefined);
      expect(parts.map(({ headers }) => headers.authorization)).toEqual(parts.map(() => undefined));
      expect(await client.artifacts.list({ runId }, 'model')).toEqual([
        { path: 'model/large.bin', isFolder: false, size: bytes.length },
      ]);
      await client.artifacts.downloadFile({ runId }, 'model/large.bin', `${file}.back`);
      expect(bytes.equals(readFileSync(`${file}.back`))).toBe(true);
      expect(await unfinished()).toBe(0);
    });

    it('and leaves nothing of one that the store refuses or that the user gives up', async () => {
      const user = new AbortController();
      const reason = new Error('enough');
      const refusal: Fault = { do: 'refuse', status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
      store.proxy.decide((request) => (partOf(request) === '2' ? refusal : { do: 'pass' }));
      const refused: unknown = await client.artifacts
        .upload({ runId }, 'refused.bin', { file })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ name: 'MlflowError', status: 403, code: 'PERMISSION_DENIED' });
      expect(String(refused)).not.toMatch(/signature|credential/i);
      expect(await unfinished()).toBe(0);

      store.proxy.decide((request) => {
        if (partOf(request) === '3') user.abort(reason);
        return { do: 'pass' };
      });
      await expect(client.artifacts.upload({ runId }, 'given-up.bin', { file }, { signal: user.signal })).rejects.toBe(
        reason,
      );
      expect(await unfinished()).toBe(0);
      expect((await client.artifacts.list({ runId })).map(({ path }) => path)).toEqual(['model']);
    });
  });
});
