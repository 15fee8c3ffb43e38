import { randomUUID } from 'node:crypto';
import { createMlflowClient, type MlflowClient, type MlflowClientOptions } from 'mlflow-js-client';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { all } from './all.js';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { freePort, versions } from './mlflow-server.js';

/** Failures after which nobody knows whether the server did it. */
const doubtful: readonly Fault[] = [
  { do: 'lose-answer' },
  { do: 'refuse', status: 500 },
  { do: 'refuse', status: 503 },
];

/** Failures after which it surely did not. */
const harmless: readonly Fault[] = [{ do: 'refuse', status: 429, headers: { 'retry-after': '0' } }];

describe.each(versions)('a client of a misbehaving MLflow %s', (version) => {
  const uri = inject('mlflowServers')[version];
  let proxy: FaultProxy;
  let client: MlflowClient;
  let experimentId: string;

  const connect = (options: MlflowClientOptions = {}): MlflowClient =>
    createMlflowClient({ trackingUri: proxy.uri, env: {}, retries: 3, backoffSeconds: 0.01, ...options });
  const received = (action: string): number => proxy.requests.filter(({ path }) => path.includes(action)).length;

  beforeEach(async () => {
    if (uri === undefined) return;
    proxy = await startFaultProxy(uri);
    client = connect();
    experimentId = await client.experiments.create({ name: `faults-${randomUUID()}` });
  });

  afterEach(async () => {
    if (uri === undefined) return;
    await client.close();
    await proxy.close();
  });

  describe.skipIf(uri === undefined)('behind a proxy', () => {
    it.each([...doubtful, ...harmless, { do: 'reset' } as const])('asks again after %j', async (fault) => {
      proxy.plan(fault, fault);
      expect(await client.experiments.get(experimentId)).toMatchObject({ experimentId });
      expect(received('experiments/get')).toBe(3);
    });

    it('gives up after the retries that it may make, with the last failure', async () => {
      proxy.decide(() => ({ do: 'refuse', status: 503, body: '<html><h1>Busy</h1> come back</html>' }));
      await expect(client.experiments.get(experimentId)).rejects.toMatchObject({
        code: 'TEMPORARILY_UNAVAILABLE',
        status: 503,
        transient: true,
        message: expect.stringContaining('Busy come back'),
      });
      expect(received('experiments/get')).toBe(4);
    });

    it.each(doubtful)('never starts a second run after %j', async (fault) => {
      proxy.plan(fault);
      await expect(client.runs.create({ experimentId })).rejects.toMatchObject({
        mayHaveHappened: true,
        transient: true,
      });
      expect(received('runs/create')).toBe(1);
      const runs = await all(client.runs.search({ experimentIds: [experimentId] }));
      expect(runs).toHaveLength(fault.do === 'lose-answer' ? 1 : 0);
    });

    it('starts a run after a refusal that came before any work', async () => {
      proxy.plan(...harmless, ...harmless);
      const { runId } = await client.runs.create({ experimentId });
      expect((await all(client.runs.search({ experimentIds: [experimentId] }))).map((run) => run.runId)).toEqual([
        runId,
      ]);
    });

    it('finds the experiment that it made without hearing of it', async () => {
      const name = `unheard-${randomUUID()}`;
      proxy.decide(({ path }) => (path.endsWith('/experiments/create') ? { do: 'lose-answer' } : { do: 'pass' }));
      expect(await client.experiments.getOrCreate({ name })).toMatchObject({ name });
    });

    it('sends metrics again only where asked to, params and tags always', async () => {
      const { runId } = await client.runs.create({ experimentId });
      const metrics = [{ key: 'loss', value: 1, step: 1, timestamp: 1_700_000_000_000 }];
      proxy.plan({ do: 'lose-answer' });
      await expect(client.runs.logBatch(runId, { metrics })).rejects.toMatchObject({ mayHaveHappened: true });
      expect(received('log-batch')).toBe(1);
      proxy.plan({ do: 'lose-answer' });
      await client.runs.logBatch(runId, { params: { epochs: '1' }, tags: { arm: 'iid' } });
      proxy.plan({ do: 'lose-answer' });
      await client.runs.logBatch(runId, { metrics }, { repeatMetrics: true });
      expect(received('log-batch')).toBe(5);
      expect(await client.runs.get(runId)).toMatchObject({
        metrics: { loss: 1 },
        params: { epochs: '1' },
        tags: { arm: 'iid' },
      });
    });

    it('takes a deletion for done where the second attempt finds nothing left', async () => {
      const { runId } = await client.runs.create({ experimentId, tags: { gone: 'x' } });
      proxy.plan({ do: 'lose-answer' });
      await client.runs.deleteTag(runId, 'gone');
      await expect(client.runs.deleteTag(runId, 'gone')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    });

    it('calls a silent server a time-out, and says how long it waited', async () => {
      const hasty = connect({ timeoutSeconds: 1, retries: 0 });
      proxy.plan({ do: 'stall' });
      await expect(hasty.runs.create({ experimentId })).rejects.toMatchObject({
        code: 'CLIENT_TIMEOUT',
        mayHaveHappened: true,
        message: expect.stringContaining('no answer for 1 s'),
      });
      await hasty.close();
    });

    it('waits as long as it is told, unless it is told to stop', async () => {
      const reason = new Error('enough');
      const controller = new AbortController();
      proxy.decide(() => {
        setImmediate(() => controller.abort(reason));
        return { do: 'refuse', status: 429, headers: { 'retry-after': '3600' } };
      });
      await expect(client.experiments.get(experimentId, { signal: controller.signal })).rejects.toBe(reason);
    });

    it('recognises what is no MLflow server', async () => {
      proxy.plan({ do: 'refuse', status: 200, body: '<html>Sign in</html>' });
      await expect(client.experiments.get(experimentId)).rejects.toMatchObject({
        code: 'CLIENT_INVALID_RESPONSE',
        message: expect.stringContaining('Is this address an MLflow server?'),
      });
    });

    it('signs in by name and password or by token, never both, and never elsewhere', async () => {
      const authorizations = async (options: MlflowClientOptions): Promise<readonly unknown[]> => {
        const before = proxy.requests.length;
        const own = connect(options);
        await own.experiments.get(experimentId);
        await own.close();
        return proxy.requests.slice(before).map(({ headers }) => headers.authorization);
      };
      const basic = `Basic ${Buffer.from('ada:p:ss').toString('base64')}`;
      expect(await authorizations({ username: 'ada', password: 'p:ss', token: 'unused' })).toEqual([basic]);
      expect(await authorizations({ trackingUri: proxy.uri.replace('//', '//ada:p%3Ass@') })).toEqual([basic]);
      expect(await authorizations({ token: 't0ken' })).toEqual(['Bearer t0ken']);
      expect(await authorizations({ env: { MLFLOW_TRACKING_TOKEN: 't0ken' } })).toEqual(['Bearer t0ken']);

      const elsewhere = await startFaultProxy(uri ?? '');
      proxy.decide(({ path }) => ({ do: 'refuse', status: 307, headers: { location: `${elsewhere.uri}${path}` } }));
      expect(await authorizations({ token: 't0ken' })).toEqual(['Bearer t0ken']);
      expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
      await elsewhere.close();
    });

    it('keeps credentials out of every error, also where the server repeats them', async () => {
      const secrets = ['canary-pass', 'canary-token', Buffer.from('ada:canary-pass').toString('base64')];
      const echo = {
        do: 'refuse',
        status: 401,
        body: `{"error_code":"UNAUTHENTICATED","message":"no ${secrets.join(' ')}"}`,
      } as const;
      for (const options of [
        { username: 'ada', password: 'canary-pass', token: 'canary-token' },
        { trackingUri: proxy.uri.replace('//', '//ada:canary-pass@'), token: 'canary-token' },
      ]) {
        const own = connect({ ...options, retries: 0 });
        for (const fault of [echo, { do: 'reset' }, { do: 'refuse', status: 200, body: 'no JSON' }] as const) {
          proxy.plan(fault);
          const error: unknown = await own.runs.get('x').catch((failure: unknown) => failure);
          expect(error).toMatchObject({ name: 'MlflowError' });
          const shown = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack ?? ''} ${String((error as Error).cause)}`;
          expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
        }
        expect(own.trackingUri).toBe(proxy.uri);
        await own.close();
      }
    });
  });

  it.skipIf(uri === undefined)('says that nothing was sent where nobody listens', async () => {
    const nobody = createMlflowClient({ trackingUri: `http://127.0.0.1:${await freePort()}`, env: {}, retries: 0 });
    await expect(nobody.runs.create({ experimentId: '0' })).rejects.toMatchObject({
      code: 'CLIENT_CONNECTION_FAILED',
      transient: true,
      mayHaveHappened: false,
    });
    await nobody.close();
  });
});
