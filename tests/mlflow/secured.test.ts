import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMlflowClient, type MlflowClientOptions } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { type MlflowServer, programOf, startServer } from './mlflow-server.js';

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

describe.skipIf(programOf(newest, 'mlflow') === undefined)(`MLflow ${newest} with users`, () => {
  let server: MlflowServer;

  beforeAll(async () => {
    const configuration = join(directory, 'auth.ini');
    const database = `sqlite:///${join(directory, 'users.db')}`;
    const users = `default_permission = READ\ndatabase_uri = ${database}\nadmin_username = ada\nadmin_password = a-long-password`;
    const authorize = 'authorization_function = mlflow.server.auth:authenticate_request_basic_auth';
    writeFileSync(configuration, `[mlflow]\n${users}\n${authorize}\n`);
    server = await startServer({
      version: newest,
      directory: join(directory, 'users'),
      arguments: ['--app-name', 'basic-auth'],
      env: { MLFLOW_AUTH_CONFIG_PATH: configuration, MLFLOW_FLASK_SERVER_SECRET_KEY: 'for-tests' },
    });
  });

  afterAll(() => server.kill());

  it('lets in who knows the password, and tells others so', async () => {
    const trackingUri = server.uri;
    expect(await ask({ trackingUri, username: 'ada', password: 'a-long-password' })).toBe('Default');
    expect(await ask({ trackingUri: trackingUri.replace('//', '//ada:a-long-password@') })).toBe('Default');
    const variables = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'a-long-password' };
    expect(await ask({ trackingUri, env: variables })).toBe('Default');
    expect(await ask({ trackingUri })).toMatchObject({ code: 'UNAUTHENTICATED', status: 401, transient: false });
    expect(await ask({ trackingUri, username: 'ada', password: 'wrong' })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
