import type { Connection } from './connection.js';
import { type CallOptions, type HttpMethod, type HttpRequest, parseObject, readText, sendOnce } from './http.js';
import { isMlflowError, MlflowError, type MlflowErrorCode } from './mlflow-error.js';
import { withRetries } from './retries.js';
import { redactUri } from './tracking-uri.js';
import type { Wire } from './wire.js';

export interface ApiCall extends CallOptions {
  readonly method: HttpMethod;
  /** Below `/api/2.0` of the server, e.g. `/mlflow/runs/create`; parts that others chose are already encoded. */
  readonly path: string;
  /** Another server's address, for artifacts that lie there. */
  readonly base?: string;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body?: object;
  /** Whether doing it twice is as good as doing it once: lets it be tried again where the answer was lost. */
  readonly repeatable: boolean;
  /** The refusal that, after an attempt whose answer was lost, shows that this attempt did it all. */
  readonly doneWhen?: MlflowErrorCode;
}

/** Calls the JSON API. Throws an {@link MlflowError}, or the reason of an aborted signal. */
export type Api = (call: ApiCall) => Promise<Wire>;

export function createApi(connection: Connection): Api {
  return async (call) => {
    const request = toRequest(call);
    let doubtful = false;
    return withRetries(connection.retry, call, async () => {
      try {
        return await callOnce(connection, request);
      } catch (error) {
        if (doubtful && call.doneWhen !== undefined && isMlflowError(error, call.doneWhen)) return {};
        doubtful ||= isMlflowError(error) && error.mayHaveHappened;
        throw error;
      }
    });
  };
}

function toRequest({ base = '', body, method, path, query = {}, signal }: ApiCall): HttpRequest {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const item of typeof value === 'object' ? value : [value]) {
      if (item !== undefined) parameters.append(key, String(item));
    }
  }
  const text = body === undefined ? undefined : JSON.stringify(body);
  return {
    method,
    url: `${base}/api/2.0${path}${parameters.size === 0 ? '' : `?${parameters.toString()}`}`,
    ...(text === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: () => text }),
    signal,
  };
}

async function callOnce(connection: Connection, request: HttpRequest): Promise<Wire> {
  const response = await sendOnce(connection, request);
  const text = await readText(connection, request, response);
  if (text.trim() === '') return {};
  const answer = parseObject(text);
  if (answer !== undefined) return answer;
  throw new MlflowError(
    'CLIENT_INVALID_RESPONSE',
    `${request.method} ${redactUri(request.url)} answered something that is not MLflow's JSON. Is this address an MLflow server?`,
    { status: response.statusCode, mayHaveHappened: true },
  );
}
