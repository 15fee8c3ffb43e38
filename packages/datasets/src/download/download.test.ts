import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DownloadOptions, download } from './index.js';

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24));
const sha256 = createHash('sha256').update(content).digest('hex');
const half = 100_000;

/** What a server does when it is asked for the file from byte `start` on; `time` counts its requests from 0. */
type Behaviour = (request: { start: number; time: number; response: ServerResponse }) => void;

interface Sent {
  readonly start?: number;
  readonly end?: number;
  readonly length?: number;
  readonly bytes?: Buffer;
  readonly cut?: boolean;
  readonly wait?: boolean;
}

/** Sends what was asked for, up to byte `end`, with a length that may be a lie, and maybe cuts the line. */
function send(
  response: ServerResponse,
  { start = 0, end = content.length, length = end - start, bytes = content, cut = false, wait = false }: Sent = {},
): void {
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': length,
    ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  response.write(bytes.subarray(start, end), () => {
    if (cut) response.socket?.destroy();
    else if (!wait) response.end();
  });
}

const behaviours: Readonly<Record<string, Behaviour>> = {
  good: ({ response, start }) => {
    send(response, { start });
  },
  'without-ranges': ({ response }) => {
    send(response);
  },
  'truncates-once': ({ response, start, time }) => {
    send(response, time === 0 ? { end: half, length: content.length, cut: true } : { start });
  },
  'truncates-always': ({ response }) => {
    send(response, { end: half, length: content.length, cut: true });
  },
  'stalls-once': ({ response, start, time }) => {
    send(response, time === 0 ? { end: half, length: content.length, wait: true } : { start });
  },
  'stalls-before-headers': () => undefined,
  'says-too-little': ({ response }) => {
    send(response, { end: half });
  },
  'sends-too-much': ({ response }) => {
    send(response, { bytes: Buffer.concat([content, content]), end: 2 * content.length });
  },
  'wrong-bytes': ({ response, start }) => {
    send(response, { start, bytes: Buffer.alloc(content.length, 7) });
  },
  'wrong-start-then-cut': ({ response }) => {
    send(response, { end: half, length: content.length, bytes: Buffer.alloc(content.length, 7), cut: true });
  },
  'wrong-range': ({ response, start }) => {
    response.writeHead(206, { 'content-range': `bytes ${start + 5}-9/10` }).end(content.subarray(start + 5));
  },
  'no-such-range-once': ({ response, start, time }) => {
    if (time === 0) response.writeHead(416).end();
    else send(response, { start });
  },
  redirects: ({ response }) => response.writeHead(302, { location: '/good' }).end(),
  'redirects-forever': ({ response }) => response.writeHead(302, { location: '/redirects-forever' }).end(),
  404: ({ response }) => response.writeHead(404).end('no'),
  500: ({ response }) => response.writeHead(500).end('no'),
  '503-once': ({ response, start, time }) => {
    if (time === 0) response.writeHead(503).end();
    else send(response, { start });
  },
  packs: ({ response }) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(content)),
};

let server: Server;
let base: string;
let cache: string;
const requests: { readonly path: string; readonly start: number }[] = [];

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => {
    const path = (request.url ?? '').slice(1);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const time = requests.filter((earlier) => earlier.path === path).length;
    requests.push({ path, start });
    behaviours[path]?.({ start, time, response });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  requests.length = 0;
  cache = await mkdtemp(join(tmpdir(), 'fedx-download-'));
});

afterEach(() => rm(cache, { recursive: true }));

function fetchFrom(paths: readonly string[], options: Partial<DownloadOptions> = {}): Promise<string> {
  const resource = {
    name: 'toy/file.bin',
    mirrors: paths.map((path) => `${base}/${path}`),
    sha256,
    bytes: content.length,
  };
  // Only who meets a server that stalls is impatient: on a busy machine the others may take their time.
  const stallMs = paths.some((path) => path.startsWith('stalls')) ? 300 : 10_000;
  return download(resource, {
    cache,
    signal: new AbortController().signal,
    log: () => undefined,
    patience: { stallMs, retryMs: 1, attempts: 3 },
    ...options,
  });
}

const folder = (): string => join(cache, 'downloads', 'toy');
const asked = (): string[] => requests.map(({ path, start }) => `${path} ${start}`);

describe('download', () => {
  it.each<[string, string[], string[]]>([
    ['a server that does as it should', ['good'], ['good 0']],
    [
      'one that cuts the line, from where it was cut',
      ['truncates-once'],
      ['truncates-once 0', `truncates-once ${half}`],
    ],
    ['one that stalls, from where it stalled', ['stalls-once'], ['stalls-once 0', `stalls-once ${half}`]],
    ['one that is away for a moment', ['503-once'], ['503-once 0', '503-once 0']],
    ['one that redirects', ['redirects'], ['redirects 0', 'good 0']],
    ['the next mirror after a 404, at once', ['404', 'good'], ['404 0', 'good 0']],
    ['the next mirror after three times 500', ['500', 'good'], ['500 0', '500 0', '500 0', 'good 0']],
    ['the next mirror after wrong bytes, from the start', ['wrong-bytes', 'good'], ['wrong-bytes 0', 'good 0']],
    ['the next mirror after too many bytes', ['sends-too-much', 'good'], []],
    ['the next mirror after one that packs the file again', ['packs', 'good'], ['packs 0', 'good 0']],
    ['the next mirror where a redirect never ends', ['redirects-forever', 'good'], []],
    ['the next mirror where nothing answers', ['stalls-before-headers', 'good'], []],
  ])('gets the file from %s', async (_, mirrors, expected) => {
    const path = await fetchFrom(mirrors);
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(await readdir(folder())).toEqual(['file.bin']);
    if (expected.length > 0) expect(asked()).toEqual(expected);
  });

  it('goes on with the next mirror where the first one left off', async () => {
    await fetchFrom(['truncates-always', 'good']);
    expect(asked().at(-1)).toBe(`good ${half}`);
  });

  it('starts over where the start that is there turns out wrong', async () => {
    const path = await fetchFrom(['wrong-start-then-cut', 'good']);
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(asked().slice(-2)).toEqual([`good ${half}`, 'good 0']);
  });

  it.each(['without-ranges', 'no-such-range-once'])('starts over with a server %s', async (path) => {
    await mkdir(folder(), { recursive: true });
    await writeFile(join(folder(), 'file.bin.part'), content.subarray(0, half));
    expect((await readFile(await fetchFrom([path]))).equals(content)).toBe(true);
  });

  it('takes no bytes from a place that it did not ask for', async () => {
    await mkdir(folder(), { recursive: true });
    await writeFile(join(folder(), 'file.bin.part'), content.subarray(0, half));
    await expect(fetchFrom(['wrong-range'])).rejects.toMatchObject({
      code: 'FEDX_DOWNLOAD_FAILED',
      message: expect.stringContaining(`bytes from ${half + 5} instead of ${half}`),
    });
  });

  it('goes on in a later run, and asks nobody once the file is there', async () => {
    await expect(fetchFrom(['truncates-always'])).rejects.toMatchObject({ code: 'FEDX_DOWNLOAD_FAILED' });
    await fetchFrom(['good']);
    expect(asked().at(-1)).toBe(`good ${half}`);
    const before = requests.length;
    await fetchFrom(['500']);
    expect(requests.length).toBe(before);
  });

  it('says what each mirror did, and leaves no file under the name', async () => {
    const mirrors = ['404', 'says-too-little', 'wrong-bytes', 'packs'];
    await expect(fetchFrom(mirrors)).rejects.toMatchObject({
      code: 'FEDX_DOWNLOAD_FAILED',
      exitCode: 5,
      message: expect.stringMatching(
        /404: it answered 404 Not Found\. .*says-too-little: it ended after 100000 of 300000 bytes\. .*wrong-bytes: its file has the SHA-256 .*packs: it re-packed the file \(gzip\)\./s,
      ),
    });
    expect((await readdir(folder())).filter((name) => name !== 'file.bin.part')).toEqual([]);
  });

  it('says that nobody listens', async () => {
    const resource = { name: 'toy/file.bin', mirrors: ['http://127.0.0.1:9/file'], sha256, bytes: content.length };
    const options = { cache, signal: new AbortController().signal, log: () => undefined };
    await expect(
      download(resource, { ...options, patience: { stallMs: 1000, retryMs: 1, attempts: 1 } }),
    ).rejects.toMatchObject({ code: 'FEDX_DOWNLOAD_FAILED' });
  });

  it('stops when it is interrupted, keeps what came and gives the lock back', async () => {
    const controller = new AbortController();
    const fetching = fetchFrom(['stalls-once'], {
      signal: controller.signal,
      patience: { stallMs: 60_000, retryMs: 1, attempts: 1 },
    });
    setTimeout(() => {
      controller.abort();
    }, 100);
    await expect(fetching).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
    expect(await readdir(folder())).toEqual(['file.bin.part']);
  });

  it('downloads once for many that ask at once', async () => {
    const paths = await Promise.all([fetchFrom(['good']), fetchFrom(['good']), fetchFrom(['good'])]);
    expect(new Set(paths).size).toBe(1);
    expect(asked()).toEqual(['good 0']);
  });

  it('lets the next one try where the first one failed', async () => {
    const [first, second] = await Promise.allSettled([fetchFrom(['404']), fetchFrom(['good'])]);
    expect(first.status === 'rejected' || asked()[0] === 'good 0').toBe(true);
    expect(second.status).toBe('fulfilled');
  });

  it('takes over the lock of a process that died', async () => {
    await mkdir(join(folder(), 'file.bin.lock'), { recursive: true });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(folder(), 'file.bin.lock'), longAgo, longAgo);
    expect((await readFile(await fetchFrom(['good']))).equals(content)).toBe(true);
  });

  it('waits for a lock that is alive, and says so', async () => {
    await mkdir(join(folder(), 'file.bin.lock'), { recursive: true });
    const said: string[] = [];
    const fetching = fetchFrom(['good'], { log: (message) => said.push(message) });
    await expect.poll(() => said).toEqual([expect.stringContaining('Waiting for another process')]);
    expect(requests).toEqual([]);
    await rm(join(folder(), 'file.bin.lock'), { recursive: true });
    await fetching;
    expect(asked()).toEqual(['good 0']);
  });

  it('says what it downloads, how much and from where', async () => {
    const said: string[] = [];
    await fetchFrom(['good'], { log: (message) => said.push(message) });
    expect(said).toEqual([`Downloading toy/file.bin (1 MB) from ${new URL(base).host}.`]);
  });

  it('names a cache that cannot be written', async () => {
    await writeFile(join(cache, 'downloads'), 'a file where a folder should be');
    await expect(fetchFrom(['good'])).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
  });

  it.runIf(process.getuid?.() !== 0)('names a folder that is read-only', async () => {
    await mkdir(folder(), { recursive: true });
    await chmod(folder(), 0o500);
    await expect(fetchFrom(['good'])).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
    await chmod(folder(), 0o700);
  });
});
