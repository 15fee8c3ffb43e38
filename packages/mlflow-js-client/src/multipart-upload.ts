import { open } from 'node:fs/promises';
import { type ArtifactLocation, artifactUrl } from './artifact-location.js';
import type { Connection } from './connection.js';
import { type HttpRequest, parseObject, readText, sendOnce } from './http.js';
import { isMlflowError, MlflowError } from './mlflow-error.js';
import { withRetries } from './retries.js';
import { integer, list, optionalText, text, type Wire } from './wire.js';

export interface MultipartUpload {
  readonly location: ArtifactLocation;
  /** Path of the artifact. */
  readonly path: string;
  /** The local file. */
  readonly file: string;
  readonly size: number;
  readonly signal?: AbortSignal | undefined;
}

interface Part {
  readonly part_number: number;
  readonly etag: string;
  readonly url: string;
}

/**
 * Uploads a file in parts that go straight to the store behind the server, by addresses that the server signs.
 * Returns false, with nothing done, where the server or its store has no such thing (status 501, or 404 from old ones).
 */
export async function uploadInParts(connection: Connection, upload: MultipartUpload): Promise<boolean> {
  const { partBytes } = connection.multipart;
  const name = upload.path.split('/').at(-1);
  const parts = Math.max(1, Math.ceil(upload.size / partBytes));
  const created = await createUpload(connection, upload, { path: name, num_parts: parts });
  if (created === undefined) return false;
  const uploadId = text(created, 'upload_id');
  try {
    const done = await uploadParts(connection, upload, list(created, 'credentials'));
    await post(connection, upload, 'mpu/complete', { path: name, upload_id: uploadId, parts: done });
  } catch (error) {
    await post(connection, { ...upload, signal: undefined }, 'mpu/abort', { path: name, upload_id: uploadId }).catch(
      () => {
        // The store drops unfinished uploads by itself; what went wrong first is what matters.
      },
    );
    throw error;
  }
  return true;
}

async function createUpload(connection: Connection, upload: MultipartUpload, body: object): Promise<Wire | undefined> {
  try {
    return await post(connection, upload, 'mpu/create', body);
  } catch (error) {
    if (isMlflowError(error) && (error.status === 501 || error.status === 404 || error.status === 405))
      return undefined;
    throw error;
  }
}

/** The address names the artifact's folder, the body the file in it. A second upload begun, or completed again, does no harm. */
async function post(connection: Connection, upload: MultipartUpload, action: string, body: object): Promise<Wire> {
  const request: HttpRequest = {
    method: 'POST',
    url: artifactUrl(upload.location, action, upload.path.split('/').slice(0, -1).join('/')),
    headers: { 'content-type': 'application/json' },
    body: () => JSON.stringify(body),
    signal: upload.signal,
  };
  return withRetries(connection.retry, { repeatable: true, signal: upload.signal }, async () => {
    const response = await sendOnce(connection, request);
    return parseObject(await readText(connection, request, response)) ?? {};
  });
}

/** One part after the other: a part is the memory that this takes. */
async function uploadParts(
  connection: Connection,
  { file, signal }: MultipartUpload,
  credentials: readonly Wire[],
): Promise<readonly Part[]> {
  const source = await open(file, 'r');
  try {
    const done: Part[] = [];
    for (const credential of credentials) {
      const number = integer(credential, 'part_number');
      const url = text(credential, 'url');
      const content = Buffer.alloc(connection.multipart.partBytes);
      const { bytesRead } = await source.read(content, 0, content.length, (number - 1) * content.length);
      const request: HttpRequest = {
        method: 'PUT',
        url,
        headers: signedHeaders(credential),
        body: () => content.subarray(0, bytesRead),
        signal,
      };
      const etag = await withRetries(connection.retry, { repeatable: true, signal }, async () => {
        const response = await sendOnce(connection, request);
        await readText(connection, request, response);
        return response.headers.etag;
      });
      if (typeof etag !== 'string') {
        throw new MlflowError('CLIENT_INVALID_RESPONSE', `The artifact store did not confirm part ${number}.`);
      }
      done.push({ part_number: number, etag, url });
    }
    return done;
  } finally {
    await source.close();
  }
}

function signedHeaders(credential: Wire): Record<string, string> {
  const headers = credential['headers'];
  if (typeof headers !== 'object' || headers === null) return {};
  return Object.fromEntries(
    Object.keys(headers).flatMap((name) => {
      const value = optionalText({ ...headers }, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
