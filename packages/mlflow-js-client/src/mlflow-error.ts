/**
 * What went wrong. Codes that begin with CLIENT_ are this client's own; all others are the server's, as MLflow's
 * `error_code` names them. A newer server may send codes that are not listed here.
 */
export type MlflowErrorCode =
  /** An option or MLFLOW_* variable cannot be used. Nothing was sent. */
  | 'CLIENT_BAD_CONFIGURATION'
  /** An argument breaks one of MLflow's documented limits. Nothing was sent. */
  | 'CLIENT_INVALID_ARGUMENT'
  /** The server could not be reached, or the connection broke. */
  | 'CLIENT_CONNECTION_FAILED'
  /** The server did not answer in time. */
  | 'CLIENT_TIMEOUT'
  /** The server, or something between here and there, answered what MLflow would not. */
  | 'CLIENT_INVALID_RESPONSE'
  /** The artifacts lie where the tracking server does not serve them, e.g. on S3 without the proxy. */
  | 'CLIENT_ARTIFACTS_NOT_PROXIED'
  | 'BAD_REQUEST'
  | 'DEADLINE_EXCEEDED'
  | 'ENDPOINT_NOT_FOUND'
  | 'INTERNAL_ERROR'
  | 'INVALID_PARAMETER_VALUE'
  | 'INVALID_STATE'
  | 'NOT_FOUND'
  | 'NOT_IMPLEMENTED'
  | 'PERMISSION_DENIED'
  | 'REQUEST_LIMIT_EXCEEDED'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'RESOURCE_CONFLICT'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'TEMPORARILY_UNAVAILABLE'
  | 'UNAUTHENTICATED'
  | (string & {});

export interface MlflowErrorOptions {
  /** HTTP status; absent where there was no answer. */
  readonly status?: number;
  /** Whether the same call may succeed later. Default: false. */
  readonly transient?: boolean;
  /** Whether the server may have done what it was asked to, although the call failed. Default: false. */
  readonly mayHaveHappened?: boolean;
  /** Seconds that the server asked to wait (Retry-After). */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** Every failure of this client other than an abort. Told by `code`. Its texts hold no credentials. */
export class MlflowError extends Error {
  readonly code: MlflowErrorCode;
  /** HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;
  /** Whether the same call may succeed later: no connection, a time-out, or status 408, 429, 500, 502, 503, 504. */
  readonly transient: boolean;
  /**
   * Whether the server may have done what it was asked to, although the call failed: the answer was lost, or the
   * server failed on the way. Where false, nothing was changed, and the call can be made again without harm.
   */
  readonly mayHaveHappened: boolean;
  /** Seconds that the server asked to wait (Retry-After). */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: MlflowErrorCode, message: string, options: MlflowErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MlflowError';
    this.code = code;
    this.status = options.status;
    this.transient = options.transient ?? false;
    this.mayHaveHappened = options.mayHaveHappened ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Whether `error` is one of this client's, also where it was made by another copy of the package. */
export function isMlflowError(error: unknown, code?: MlflowErrorCode): error is MlflowError {
  return (
    error instanceof Error && error.name === 'MlflowError' && 'code' in error && (code ?? error.code) === error.code
  );
}

/** The code of an answer that has none of its own, by HTTP status; as Python's client has it. */
export function codeOfStatus(status: number): MlflowErrorCode {
  const code = codesByStatus[status];
  if (code !== undefined) return code;
  return status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST';
}

const codesByStatus: Readonly<Record<number, MlflowErrorCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'ENDPOINT_NOT_FOUND',
  409: 'RESOURCE_CONFLICT',
  429: 'REQUEST_LIMIT_EXCEEDED',
  501: 'NOT_IMPLEMENTED',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};
