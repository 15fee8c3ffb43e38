import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMlflowEnvironment } from './environment.js';

let directory: string;
let credentials: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mlflow-environment-'));
  credentials = join(directory, 'credentials');
  writeFileSync(
    credentials,
    '# of two servers\n[other]\nmlflow_tracking_username = eve\n\n[mlflow]\nMLFLOW_TRACKING_USERNAME = ada\nmlflow_tracking_password: a;b#c=d\n',
  );
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('readMlflowEnvironment', () => {
  it('says nothing where nothing is set', () => {
    expect(readMlflowEnvironment({ MLFLOW_TRACKING_URI: '', HOME: '/' }, '')).toEqual({});
  });

  it('reads what Python’s client reads', () => {
    const variables = {
      MLFLOW_TRACKING_URI: 'http://host:5000',
      MLFLOW_TRACKING_TOKEN: 't',
      MLFLOW_EXPERIMENT_NAME: 'digits',
      MLFLOW_EXPERIMENT_ID: '7',
      MLFLOW_RUN_ID: 'abc',
      MLFLOW_WORKSPACE: 'team',
      MLFLOW_TRACKING_INSECURE_TLS: 'TRUE',
      MLFLOW_HTTP_REQUEST_TIMEOUT: '30',
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
      MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '1',
      MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: '0.0',
      MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER: '0',
      MLFLOW_ALLOW_HTTP_REDIRECTS: 'false',
    };
    expect(readMlflowEnvironment(variables, '')).toEqual({
      trackingUri: 'http://host:5000',
      token: 't',
      experimentName: 'digits',
      experimentId: '7',
      runId: 'abc',
      workspace: 'team',
      insecureTls: true,
      timeoutSeconds: 30,
      retries: 0,
      backoffSeconds: 1,
      jitter: false,
      respectRetryAfter: false,
      followRedirects: false,
    });
  });

  it('takes name and password from the credentials file where the variables lack them', () => {
    expect(readMlflowEnvironment({}, credentials)).toEqual({ username: 'ada', password: 'a;b#c=d' });
    expect(readMlflowEnvironment({ MLFLOW_TRACKING_USERNAME: 'bob' }, credentials)).toEqual({
      username: 'bob',
      password: 'a;b#c=d',
    });
  });

  it.each([
    { MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon' },
    { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '-1' },
    { MLFLOW_TRACKING_INSECURE_TLS: 'maybe' },
    { MLFLOW_TRACKING_AWS_SIGV4: 'true' },
    { MLFLOW_TRACKING_AUTH: 'kubernetes' },
  ])('refuses %j by name', (variables) => {
    const [name = ''] = Object.keys(variables);
    expect(() => readMlflowEnvironment(variables, '')).toThrow(
      expect.objectContaining({ code: 'CLIENT_BAD_CONFIGURATION', message: expect.stringContaining(name) }),
    );
  });
});
