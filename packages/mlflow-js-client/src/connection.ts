import { readFileSync } from 'node:fs';
import { type Dispatcher, EnvHttpProxyAgent, interceptors } from 'undici';
import { type MlflowEnvironment, readMlflowEnvironment, type Variables } from './environment.js';
import { MlflowError } from './mlflow-error.js';
import { createRedactor, parseTrackingUri } from './tracking-uri.js';

/** How to reach a server. What is not given is read from the MLFLOW_* variables, else has Python's client's default. */
export interface MlflowClientOptions {
  /** `http(s)://[user:password@]host[:port][/path]`; variable MLFLOW_TRACKING_URI. */
  readonly trackingUri?: string;
  /** Basic authentication, with `password`; MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD. */
  readonly username?: string;
  readonly password?: string;
  /** Bearer authentication, where there is no user name with a password; MLFLOW_TRACKING_TOKEN. */
  readonly token?: string;
  /** Sent as X-MLFLOW-WORKSPACE; MLFLOW_WORKSPACE. */
  readonly workspace?: string;
  /** Takes any certificate; MLFLOW_TRACKING_INSECURE_TLS. */
  readonly insecureTls?: boolean;
  /** PEM file with the authorities to trust instead of the system's; MLFLOW_TRACKING_SERVER_CERT_PATH. */
  readonly serverCertPath?: string;
  /** PEM file with this client's certificate and its key; MLFLOW_TRACKING_CLIENT_CERT_PATH. */
  readonly clientCertPath?: string;
  /** Longest silence of the server, connecting included; 120, MLFLOW_HTTP_REQUEST_TIMEOUT. */
  readonly timeoutSeconds?: number;
  /** Attempts after the first; 7, MLFLOW_HTTP_REQUEST_MAX_RETRIES. */
  readonly retries?: number;
  /** Wait before the first retry; doubles each time up to 120 s. 2, MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR. */
  readonly backoffSeconds?: number;
  /** Stretches each wait by a random factor from 1 to 2; true, MLFLOW_HTTP_REQUEST_BACKOFF_JITTER. */
  readonly jitter?: boolean;
  /** Waits at least what Retry-After says, up to 120 s; true, MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER. */
  readonly respectRetryAfter?: boolean;
  /** Follows up to five redirects; credentials never go to another host. True, MLFLOW_ALLOW_HTTP_REDIRECTS. */
  readonly followRedirects?: boolean;
  /** Uploads large files in parts where the server can; true, MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD. */
  readonly multipartUpload?: boolean;
  /** Smallest file that goes in parts; 500 MiB, MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE. */
  readonly multipartMinimumBytes?: number;
  /** 10 MiB, MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE. */
  readonly multipartPartBytes?: number;
  /** The variables to read; default: `process.env`. `{}` for none, in which case no credentials file is read either. */
  readonly env?: Variables;
}

/** When and how often a call is tried again. */
export interface RetryPolicy {
  readonly retries: number;
  readonly backoffSeconds: number;
  readonly jitter: boolean;
  readonly respectRetryAfter: boolean;
}

/** A server, ready to be called. */
export interface Connection {
  /** Without trailing slash. */
  readonly base: string;
  /** Sent to the server and to no other. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  readonly timeoutSeconds: number;
  readonly retry: RetryPolicy;
  readonly multipart: { readonly enabled: boolean; readonly minimumBytes: number; readonly partBytes: number };
  /** Takes the credentials out of a text. */
  readonly redact: (text: string) => string;
}

const maximumRedirects = 5;

/** Throws CLIENT_BAD_CONFIGURATION. Connects to nothing yet. */
export function openConnection(given: MlflowClientOptions): Connection {
  const options: MlflowEnvironment & MlflowClientOptions = { ...readEnvironment(given.env), ...given };
  if (options.trackingUri === undefined) {
    throw new MlflowError(
      'CLIENT_BAD_CONFIGURATION',
      'Say where the MLflow server is: trackingUri or MLFLOW_TRACKING_URI.',
    );
  }
  const uri = parseTrackingUri(options.trackingUri);
  // As Python's requests has it, what stands in the address goes before the variables; an explicit option goes first.
  const username = given.username ?? uri.username ?? options.username;
  const password = given.password ?? uri.password ?? options.password;
  const basic =
    username === undefined || password === undefined
      ? undefined
      : Buffer.from(`${username}:${password}`).toString('base64');
  return {
    base: uri.base,
    credentials: {
      ...(basic === undefined
        ? options.token === undefined
          ? {}
          : { authorization: `Bearer ${options.token}` }
        : { authorization: `Basic ${basic}` }),
      ...(options.workspace === undefined ? {} : { 'x-mlflow-workspace': options.workspace }),
    },
    dispatcher: openDispatcher(options),
    timeoutSeconds: options.timeoutSeconds ?? 120,
    retry: {
      retries: options.retries ?? 7,
      backoffSeconds: options.backoffSeconds ?? 2,
      jitter: options.jitter ?? true,
      respectRetryAfter: options.respectRetryAfter ?? true,
    },
    multipart: {
      enabled: options.multipartUpload ?? true,
      minimumBytes: options.multipartMinimumBytes ?? 500 * 2 ** 20,
      partBytes: options.multipartPartBytes ?? 10 * 2 ** 20,
    },
    redact: createRedactor([basic, password, options.token]),
  };
}

function readEnvironment(env: Variables | undefined): MlflowEnvironment {
  return env === undefined ? readMlflowEnvironment() : readMlflowEnvironment(env, '');
}

/** Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as Python's client does. */
function openDispatcher(options: MlflowEnvironment & MlflowClientOptions): Dispatcher {
  const { clientCertPath, followRedirects = true, insecureTls = false, serverCertPath, timeoutSeconds = 120 } = options;
  if (insecureTls && serverCertPath !== undefined) {
    throw new MlflowError(
      'CLIENT_BAD_CONFIGURATION',
      'insecureTls takes any certificate and serverCertPath says which to take: give one of the two.',
    );
  }
  const clientCertificate = clientCertPath === undefined ? undefined : readPem('clientCertPath', clientCertPath);
  const tls = {
    rejectUnauthorized: !insecureTls,
    ...(serverCertPath === undefined ? {} : { ca: readPem('serverCertPath', serverCertPath) }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate, key: clientCertificate }),
  };
  const agent = new EnvHttpProxyAgent({ connect: { ...tls, timeout: timeoutSeconds * 1000 }, requestTls: tls });
  return agent.compose(interceptors.redirect({ maxRedirections: followRedirects ? maximumRedirects : 0 }));
}

function readPem(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new MlflowError('CLIENT_BAD_CONFIGURATION', `${option}: ${path} cannot be read.`, { cause });
  }
}
