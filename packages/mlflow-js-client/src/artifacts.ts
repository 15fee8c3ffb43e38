import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Api } from './api.js';
import { type ArtifactLocation, artifactUrl, checkNames, locateArtifacts } from './artifact-location.js';
import { type ArtifactOwner, type ArtifactOwners, findArtifacts } from './artifact-owner.js';
import type { Connection } from './connection.js';
import { type CallOptions, type HttpRequest, sendOnce } from './http.js';
import { MlflowError } from './mlflow-error.js';
import { uploadInParts } from './multipart-upload.js';
import { withRetries } from './retries.js';
import { list, optionalInteger, present, text } from './wire.js';

/** What is uploaded: a local file, bytes or a text, or a function that starts the stream anew for each attempt. */
export type ArtifactContent = { readonly file: string } | Uint8Array | string | (() => AsyncIterable<Uint8Array>);

export interface ArtifactInfo {
  /** From the owner's artifact folder, e.g. `model/model.onnx`. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Bytes; absent for folders. */
  readonly size?: number;
}

/**
 * Artifacts through the server's own proxy (`mlflow server --artifacts-destination …`); nothing else is needed to reach
 * the store behind it. All throw CLIENT_ARTIFACTS_NOT_PROXIED where the server has no such proxy for the owner, and
 * CLIENT_INVALID_ARGUMENT for a path that leads out of the owner's folder. What is a version of a registered model cannot be
 * written or deleted: that throws CLIENT_INVALID_ARGUMENT, too.
 */
export interface Artifacts {
  /** Uploads one artifact; it is streamed, and large files go in parts where the server can. Replaces what is there. */
  upload(owner: ArtifactOwner, path: string, content: ArtifactContent, options?: CallOptions): Promise<void>;
  /** Uploads all files below a local folder to `path`, which may be empty. */
  uploadFolder(owner: ArtifactOwner, path: string, folder: string, options?: CallOptions): Promise<void>;
  /** The content as a stream. A connection that breaks while it is read is an error of the stream. */
  download(owner: ArtifactOwner, path: string, options?: CallOptions): Promise<Readable>;
  /** Downloads to a local file, which appears only when it is complete. */
  downloadFile(owner: ArtifactOwner, path: string, file: string, options?: CallOptions): Promise<void>;
  /** Downloads all files below `path`, which may be empty, into a local folder. */
  downloadFolder(owner: ArtifactOwner, path: string, folder: string, options?: CallOptions): Promise<void>;
  /** What a folder holds, sorted by path; the root where `path` is empty. None where there is no such folder. */
  list(owner: ArtifactOwner, path?: string, options?: CallOptions): Promise<readonly ArtifactInfo[]>;
  /** Deletes an artifact or a folder. */
  delete(owner: ArtifactOwner, path: string, options?: CallOptions): Promise<void>;
}

export function createArtifacts(connection: Connection, api: Api, owners: ArtifactOwners): Artifacts {
  const toRead = async (owner: ArtifactOwner, { signal }: CallOptions): Promise<ArtifactLocation> =>
    locateArtifacts(connection, await findArtifacts(owners, owner, { signal, toRead: true }));
  const toWrite = async (owner: ArtifactOwner, { signal }: CallOptions): Promise<ArtifactLocation> =>
    locateArtifacts(connection, await findArtifacts(owners, owner, { signal, toRead: false }));

  /** Artifacts are replaced as a whole: doing it twice is as good as once. */
  const send = async <Result>(
    request: HttpRequest,
    read: (response: Awaited<ReturnType<typeof sendOnce>>) => Promise<Result>,
  ): Promise<Result> =>
    withRetries(connection.retry, { repeatable: true, signal: request.signal }, async () =>
      read(await sendOnce(connection, request)),
    );

  async function upload(
    location: ArtifactLocation,
    path: string,
    content: ArtifactContent,
    { signal }: CallOptions,
  ): Promise<void> {
    const url = artifactUrl(location, 'artifacts', path);
    const file = isFile(content) ? content.file : undefined;
    const size = file === undefined ? undefined : await fileSize(file);
    const { enabled, minimumBytes } = connection.multipart;
    if (file !== undefined && size !== undefined && enabled && size >= minimumBytes) {
      if (await uploadInParts(connection, { location, path, file, size, signal })) return;
    }
    const headers = {
      'content-type': 'application/octet-stream',
      ...(size === undefined ? {} : { 'content-length': String(size) }),
    };
    await send({ method: 'PUT', url, headers, body: bodyOf(content), signal }, (response) => response.body.dump());
  }

  async function download(location: ArtifactLocation, path: string, { signal }: CallOptions): Promise<Readable> {
    return send({ method: 'GET', url: artifactUrl(location, 'artifacts', path), signal }, async ({ body }) =>
      gathered(body),
    );
  }

  async function downloadFile(
    location: ArtifactLocation,
    path: string,
    file: string,
    options: CallOptions,
  ): Promise<void> {
    const partial = `${file}.partial`;
    await mkdir(dirname(file), { recursive: true });
    try {
      await withRetries(connection.retry, { repeatable: true, signal: options.signal }, async () => {
        const { body } = await sendOnce(connection, {
          method: 'GET',
          url: artifactUrl(location, 'artifacts', path),
          ...options,
        });
        await pipeline(gathered(body), createWriteStream(partial)).catch((cause: unknown) => {
          options.signal?.throwIfAborted();
          throw brokeOff(path, cause);
        });
      });
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
  }

  async function listFolder(
    { base, folder }: ArtifactLocation,
    folderPath: string,
    options: CallOptions,
  ): Promise<readonly ArtifactInfo[]> {
    const names = namesOf(folderPath);
    checkNames(folderPath, names);
    const root = [decodeURIComponent(folder), ...names].filter((name) => name !== '').join('/');
    const path = '/mlflow-artifacts/artifacts';
    const answer = await api({ method: 'GET', base, path, query: { path: root }, repeatable: true, ...options });
    const found = list(answer, 'files').map((file) => {
      const name = text(file, 'path');
      checkNames(name, name.split('/'));
      const isFolder = file['is_dir'] === true;
      const size = isFolder ? undefined : (optionalInteger(file, 'file_size') ?? 0);
      return present({ path: [...names, name].join('/'), isFolder, size });
    });
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  return {
    upload: async (owner, path, content, options = {}) => upload(await toWrite(owner, options), path, content, options),
    async uploadFolder(owner, path, folder, options = {}) {
      const location = await toWrite(owner, options);
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      for (const entry of entries.filter((candidate) => candidate.isFile())) {
        const file = join(entry.parentPath, entry.name);
        const name = relative(folder, file).split(sep).join('/');
        await upload(location, path === '' ? name : `${path}/${name}`, { file }, options);
      }
    },
    download: async (owner, path, options = {}) => download(await toRead(owner, options), path, options),
    downloadFile: async (owner, path, file, options = {}) =>
      downloadFile(await toRead(owner, options), path, file, options),
    async downloadFolder(owner, path, folder, options = {}) {
      const location = await toRead(owner, options);
      const start = namesOf(path).length;
      const download = async (from: string): Promise<void> => {
        for (const { isFolder, path: found } of await listFolder(location, from, options)) {
          if (isFolder) await download(found);
          else await downloadFile(location, found, join(folder, ...found.split('/').slice(start)), options);
        }
      };
      await download(path);
    },
    list: async (owner, path = '', options = {}) => listFolder(await toRead(owner, options), path, options),
    async delete(owner, path, options = {}) {
      const location = await toWrite(owner, options);
      await send({ method: 'DELETE', url: artifactUrl(location, 'artifacts', path), ...options }, ({ body }) =>
        body.dump(),
      );
    },
  };
}

const namesOf = (path: string): readonly string[] => path.split('/').filter((name) => name !== '');

/**
 * A stream of what has come in so far at each read. Servers before MLflow 3 send a few hundred bytes at a time, and to
 * write each of these pieces by itself takes a hundred times as long.
 */
function gathered(body: Readable): Readable {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of body) yield piece as Uint8Array;
  };
  return Readable.from(pieces(), { objectMode: false });
}

function isFile(content: ArtifactContent): content is { readonly file: string } {
  return typeof content === 'object' && 'file' in content;
}

function bodyOf(content: ArtifactContent): () => string | Uint8Array | AsyncIterable<Uint8Array> {
  if (typeof content === 'function') return content;
  return isFile(content) ? () => createReadStream(content.file) : () => content;
}

async function fileSize(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new MlflowError('CLIENT_INVALID_ARGUMENT', `${file} cannot be read.`, { cause });
  }
}

function brokeOff(path: string, cause: unknown): MlflowError {
  // A local disk that is full is nothing that passes; a connection that broke is.
  const local = cause instanceof Error && 'syscall' in cause && cause.syscall === 'write';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MlflowError(
    local ? 'CLIENT_INVALID_ARGUMENT' : 'CLIENT_CONNECTION_FAILED',
    `Downloading ${path} broke off: ${reason}`,
    {
      transient: !local,
      cause,
    },
  );
}
