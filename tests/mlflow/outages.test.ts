import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, type Host } from '@fedx/core/host';
import { createMlflowClient } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { startFaultProxy } from './fault-proxy.js';
import { pointsOf, pointsOn } from './metric-points.js';
import { freePort, type MlflowServer, programOf, startServer, versions } from './mlflow-server.js';

const overrides = ['server.rounds=40', 'controls=[iid]', 'executor.workers=1'];
const { signal } = new AbortController();
const servers = inject('mlflowServers');

/** Takes the database whose file is its argument, writes a line, and lets it go once its stdin ends. */
const holdDatabase = `import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute('BEGIN EXCLUSIVE')
print('held', flush=True)
sys.stdin.read()`;

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(() => project.remove());

const environment = (uri: string, experiment: string): NodeJS.ProcessEnv => ({
  MLFLOW_TRACKING_URI: uri,
  MLFLOW_EXPERIMENT_NAME: experiment,
  MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.02',
  MLFLOW_HTTP_REQUEST_TIMEOUT: '20',
});

const hostOf = (env: NodeJS.ProcessEnv): Host => createHost({ plugins: [], directory: project.folder, env });

describe.each(versions)('runs beside an MLflow %s', (version) => {
  const uri = servers[version];

  describe.skipIf(uri === undefined)('that fails for a while', () => {
    let directory: string;
    let server: MlflowServer;
    let port: number;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'fedx-outages-'));
      port = await freePort();
    });

    afterAll(async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    });

    it('are complete after the server was down at the start, killed in the middle, and started again', async () => {
      const experiment = `dying-${randomUUID()}`;
      const address = `http://127.0.0.1:${port}`;
      const env = environment(address, experiment);
      const { error, events, folder, report } = await project.run(overrides, { env });
      expect(error).toBeUndefined();
      expect(report?.tracking).toMatchObject({ complete: false, problem: expect.stringContaining('ECONNREFUSED') });

      server = await startServer({ version, directory, port });
      const proxy = await startFaultProxy(address);
      const user = new AbortController();
      let batches = 0;
      proxy.decide(({ body, path }) => {
        if (!path.endsWith('log-batch') || body.toString().includes('"metrics":[]')) return { do: 'pass' };
        batches += 1;
        if (batches === 2) void server.kill().then(() => setTimeout(() => user.abort(), 1000));
        return { do: 'pass' };
      });
      const cut = hostOf(environment(proxy.uri, experiment)).sync(folder, { signal: user.signal });
      await expect(cut).rejects.toThrow();
      await proxy.close();

      server = await startServer({ version, directory, port });
      await hostOf(env).sync(folder, { signal });
      const client = createMlflowClient({ trackingUri: address, env: {}, retries: 0 });
      expect(await pointsOn(client, experiment)).toEqual(pointsOf(events));
      await client.close();
    });

    it('are complete after somebody else held the server’s database', async () => {
      const experiment = `locked-${randomUUID()}`;
      const { events, folder } = await project.run([...overrides, 'tracking.mlflow=off']);
      const holder = spawn(programOf(version, 'python') ?? '', ['-c', holdDatabase, join(directory, 'mlflow.db')], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      await once(holder.stdout, 'data');
      const proxy = await startFaultProxy(server.uri);
      const asked: string[] = [];
      proxy.decide(({ path }) => {
        asked.push(path);
        // The second attempt: the first one waited for the database in vain, twenty seconds by MLflow's busy_timeout.
        if (asked.length === 2) holder.stdin.end();
        return { do: 'pass' };
      });
      const patient = { ...environment(proxy.uri, experiment), MLFLOW_HTTP_REQUEST_TIMEOUT: '120' };
      await hostOf(patient).sync(folder, { signal });
      expect(asked[1]).toBe(asked[0]);
      const client = createMlflowClient({ trackingUri: server.uri, env: {}, retries: 0 });
      expect(await pointsOn(client, experiment)).toEqual(pointsOf(events));
      await client.close();
      await proxy.close();
    });
  });

  it.skipIf(uri === undefined)('are complete once there is a new token, where one expired in the middle', async () => {
    const experiment = `expired-${randomUUID()}`;
    const proxy = await startFaultProxy(uri ?? '');
    let batches = 0;
    proxy.decide(({ headers: { authorization }, path }) => {
      if (path.endsWith('/log-batch')) batches += 1;
      const isValid = authorization === 'Bearer new' || (authorization === 'Bearer old' && batches < 5);
      return isValid ? { do: 'pass' } : { do: 'refuse', status: 401 };
    });
    const env = environment(proxy.uri, experiment);
    const old = { ...env, MLFLOW_TRACKING_TOKEN: 'old' };
    const { error, events, folder, report } = await project.run(overrides, { env: old });
    expect(error).toBeUndefined();
    expect(events.at(-1)?.type).toBe('run-completed');
    expect(report?.tracking).toMatchObject({ complete: false, problem: expect.stringContaining('answered 401') });
    const client = createMlflowClient({ trackingUri: uri ?? '', env: {}, retries: 0 });
    expect(await pointsOn(client, experiment)).not.toEqual(pointsOf(events));

    await expect(hostOf(old).sync(folder, { signal })).rejects.toMatchObject({
      code: 'FEDX_TRACKING_FAILED',
      hint: expect.stringContaining('MLFLOW_TRACKING_TOKEN'),
    });
    await hostOf({ ...env, MLFLOW_TRACKING_TOKEN: 'new' }).sync(folder, { signal });
    expect(await pointsOn(client, experiment)).toEqual(pointsOf(events));
    await client.close();
    await proxy.close();
  });
});

it.skipIf(servers[versions[0]] === undefined)(
  'a run ends in time beside a server that never answers, and says what finishes it',
  async () => {
    const proxy = await startFaultProxy(servers[versions[0]] ?? '');
    proxy.decide(() => ({ do: 'stall' }));
    const env = { MLFLOW_TRACKING_URI: proxy.uri, MLFLOW_HTTP_REQUEST_TIMEOUT: '600' };
    const { error, events, report } = await project.run(['server.rounds=3'], { env });
    expect(error).toBeUndefined();
    expect(events.at(-1)?.type).toBe('run-completed');
    expect(report?.tracking).toMatchObject({
      complete: false,
      problem: expect.stringContaining('did not take everything in time'),
    });
    await proxy.close();
  },
);
