import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MlflowError } from './mlflow-error.js';

/** Variables by name, such as `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What MLflow's variables say; each is absent where its variable is not set or empty. */
export interface MlflowEnvironment {
  readonly trackingUri?: string;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly experimentName?: string;
  readonly experimentId?: string;
  readonly runId?: string;
  readonly workspace?: string;
  readonly insecureTls?: boolean;
  readonly serverCertPath?: string;
  readonly clientCertPath?: string;
  readonly timeoutSeconds?: number;
  readonly retries?: number;
  readonly backoffSeconds?: number;
  readonly jitter?: boolean;
  readonly respectRetryAfter?: boolean;
  readonly followRedirects?: boolean;
  readonly multipartUpload?: boolean;
  readonly multipartMinimumBytes?: number;
  readonly multipartPartBytes?: number;
}

/**
 * Reads the variables that Python's client reads (mlflow/environment_variables.py), and `~/.mlflow/credentials` for a
 * user name and password that they lack. Throws CLIENT_BAD_CONFIGURATION for a value of the wrong form, and for
 * MLFLOW_TRACKING_AWS_SIGV4 and MLFLOW_TRACKING_AUTH, which this client cannot do.
 */
export function readMlflowEnvironment(
  variables: Variables = process.env,
  credentialsFile = join(homedir(), '.mlflow', 'credentials'),
): MlflowEnvironment {
  const text = (name: string): string | undefined => (variables[name] === '' ? undefined : variables[name]);
  const number = (name: string): number | undefined =>
    parse(name, text(name), parseNumber, 'a number that is not negative');
  const flag = (name: string): boolean | undefined => parse(name, text(name), parseFlag, 'true, false, 1 or 0');

  if (flag('MLFLOW_TRACKING_AWS_SIGV4') === true) throw unsupported('MLFLOW_TRACKING_AWS_SIGV4');
  if (text('MLFLOW_TRACKING_AUTH') !== undefined) throw unsupported('MLFLOW_TRACKING_AUTH');

  const stored = readCredentials(credentialsFile);
  const jitter = number('MLFLOW_HTTP_REQUEST_BACKOFF_JITTER');
  return withoutAbsent({
    trackingUri: text('MLFLOW_TRACKING_URI'),
    username: text('MLFLOW_TRACKING_USERNAME') ?? stored.get('mlflow_tracking_username'),
    password: text('MLFLOW_TRACKING_PASSWORD') ?? stored.get('mlflow_tracking_password'),
    token: text('MLFLOW_TRACKING_TOKEN'),
    experimentName: text('MLFLOW_EXPERIMENT_NAME'),
    experimentId: text('MLFLOW_EXPERIMENT_ID'),
    runId: text('MLFLOW_RUN_ID'),
    workspace: text('MLFLOW_WORKSPACE'),
    insecureTls: flag('MLFLOW_TRACKING_INSECURE_TLS'),
    serverCertPath: text('MLFLOW_TRACKING_SERVER_CERT_PATH'),
    clientCertPath: text('MLFLOW_TRACKING_CLIENT_CERT_PATH'),
    timeoutSeconds: number('MLFLOW_HTTP_REQUEST_TIMEOUT'),
    retries: number('MLFLOW_HTTP_REQUEST_MAX_RETRIES'),
    backoffSeconds: number('MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR'),
    jitter: jitter === undefined ? undefined : jitter > 0,
    respectRetryAfter: flag('MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER'),
    followRedirects: flag('MLFLOW_ALLOW_HTTP_REDIRECTS'),
    multipartUpload: flag('MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD'),
    multipartMinimumBytes: number('MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE'),
    multipartPartBytes: number('MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE'),
  });
}

function parse<Value>(
  name: string,
  text: string | undefined,
  read: (text: string) => Value | undefined,
  expected: string,
): Value | undefined {
  if (text === undefined) return undefined;
  const value = read(text.trim());
  if (value === undefined) throw new MlflowError('CLIENT_BAD_CONFIGURATION', `${name} must be ${expected}.`);
  return value;
}

function parseNumber(text: string): number | undefined {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function parseFlag(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === '1') return true;
  return lower === 'false' || lower === '0' ? false : undefined;
}

function unsupported(name: string): MlflowError {
  return new MlflowError(
    'CLIENT_BAD_CONFIGURATION',
    `${name} is set, but this client signs in by user name and password or by token only.`,
  );
}

/**
 * The `[mlflow]` section of an INI file, keys in lower case. Not by a library: those for JavaScript end a value at `;`
 * or `#`, Python's configparser does not, and passwords hold such characters.
 */
function readCredentials(file: string): ReadonlyMap<string, string> {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    // No such file is the usual case; one that cannot be read is as good as none, as without credentials.
    return new Map();
  }
  const values = new Map<string, string>();
  let section = '';
  for (const line of lines) {
    const [, title] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
    if (title !== undefined) section = title;
    const [, key, value] = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === 'mlflow' && key !== undefined && value) values.set(key.toLowerCase(), value);
  }
  return values;
}

type Present<Record> = { [Key in keyof Record]?: Exclude<Record[Key], undefined> };

function withoutAbsent<Values extends object>(values: Values): Present<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<Values>;
}
