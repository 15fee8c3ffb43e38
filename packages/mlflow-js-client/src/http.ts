import { Readable } from 'node:stream';
import { type Dispatcher, errors, request as undiciRequest } from 'undici';
import type { Connection } from './connection.js';
import { codeOfStatus, MlflowError } from './mlflow-error.js';
import { redactUri } from './tracking-uri.js';
import { isWire, type Wire } from './wire.js';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest extends CallOptions {
  readonly method: HttpMethod;
  /** Absolute, or a path below the server's address that begins with a slash. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each attempt. */
  readonly body?: () => string | Uint8Array | AsyncIterable<Uint8Array>;
}

export type HttpResponse = Dispatcher.ResponseData;

/** One attempt at a request. Resolves with an answer of status 2xx, its body unread; throws an {@link MlflowError}. */
export async function sendOnce(connection: Connection, request: HttpRequest): Promise<HttpResponse> {
  const { body, method, signal } = request;
  const url = request.url.startsWith('/') ? `${connection.base}${request.url}` : request.url;
  const toServer = new URL(url).origin === new URL(connection.base).origin;
  const content = body?.();
  const streamed = content !== undefined && typeof content !== 'string' && !(content instanceof Uint8Array);
  const silence = watchSilence(connection.timeoutSeconds);
  signal?.throwIfAborted();
  try {
    const response = await undiciRequest(url, {
      dispatcher: connection.dispatcher,
      method,
      headers: { ...(toServer ? connection.credentials : {}), ...request.headers },
      body: streamed ? Readable.from(silence.watch(content)) : (content ?? null),
      // A long upload is no silence: for streams the time is counted from one piece to the next.
      headersTimeout: streamed ? 0 : connection.timeoutSeconds * 1000,
      bodyTimeout: connection.timeoutSeconds * 1000,
      signal: AbortSignal.any([...(signal === undefined ? [] : [signal]), ...(streamed ? [silence.signal] : [])]),
    });
    if (response.statusCode < 200 || response.statusCode > 299) throw await refusal(connection, method, url, response);
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof MlflowError) throw error;
    throw lostConnection(connection, method, url, silence.signal.aborted ? silence.signal.reason : error);
  } finally {
    silence.end();
  }
}

/** The whole body as text. Throws what {@link sendOnce} throws where it breaks off. */
export async function readText(connection: Connection, request: HttpRequest, response: HttpResponse): Promise<string> {
  try {
    return await response.body.text();
  } catch (error) {
    request.signal?.throwIfAborted();
    throw lostConnection(connection, request.method, request.url, error);
  }
}

/** Aborts `signal` once the watched stream has been silent for too long, until `end` is called. */
function watchSilence(seconds: number): {
  readonly signal: AbortSignal;
  readonly watch: (pieces: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  readonly end: () => void;
} {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(new errors.HeadersTimeoutError()), seconds * 1000);
  };
  return {
    signal: controller.signal,
    async *watch(pieces) {
      touch();
      for await (const piece of pieces) {
        yield piece;
        touch();
      }
    },
    end: () => clearTimeout(timer),
  };
}

/** Statuses that pass: Python's client tries again on the same ones. */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** A refusal of this kind comes before any work is done. */
const untouchedStatuses: ReadonlySet<number> = new Set([429, 501]);

async function refusal(
  connection: Connection,
  method: string,
  url: string,
  response: HttpResponse,
): Promise<MlflowError> {
  const { headers, statusCode: status } = response;
  const text = await response.body.text();
  const { error_code: code, message } = parseObject(text) ?? {};
  const retryAfterSeconds = parseRetryAfter(headers['retry-after']);
  const said = typeof message === 'string' ? message : plainText(text);
  return new MlflowError(
    typeof code === 'string' ? code : codeOfStatus(status),
    connection.redact(`${place(method, url)} answered ${status}${said === '' ? '' : `: ${shorten(said)}`}`),
    {
      status,
      transient: transientStatuses.has(status),
      mayHaveHappened: (status >= 500 || status === 408) && !untouchedStatuses.has(status),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  );
}

/** Codes of failures that come before anything has been sent. */
const unsentCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function lostConnection(connection: Connection, method: string, url: string, cause: unknown): MlflowError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const text = typeof code === 'string' ? code : '';
  const wrongCertificate = /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_VERIFY/.test(text);
  const timedOut = text.startsWith('UND_ERR_') && text.endsWith('_TIMEOUT');
  const reason = cause instanceof Error ? cause.message || text : String(cause);
  return new MlflowError(
    timedOut ? 'CLIENT_TIMEOUT' : 'CLIENT_CONNECTION_FAILED',
    connection.redact(
      timedOut
        ? `${place(method, url)} gave no answer for ${connection.timeoutSeconds} s.`
        : `${place(method, url)} failed: ${reason}`,
    ),
    { transient: !wrongCertificate, mayHaveHappened: !unsentCodes.has(code) && !wrongCertificate, cause },
  );
}

function place(method: string, url: string): string {
  return `${method} ${redactUri(url)}`;
}

/** Seconds, from a number of them or a date. */
function parseRetryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** The object that the text holds as JSON, or undefined. */
export function parseObject(text: string): Wire | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isWire(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a page says, without its markup. */
function plainText(body: string): string {
  return body
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function shorten(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 1000)} …` : text;
}
