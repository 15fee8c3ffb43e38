import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const built = new URL('../../packages/datasets/dist/download/index.js', import.meta.url).href;
const content = Buffer.alloc(200_000, 'fedx');

/** A process that downloads `url`; resolves to what it wrote, or null where it was killed. */
function downloader(url: string, cache: string): { kill(): void; ended: Promise<string | null> } {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const resource = JSON.stringify({ name: 'file.bin', mirrors: [url], sha256, bytes: content.length });
  const program = `import { download } from ${JSON.stringify(built)};
    const options = { cache: ${JSON.stringify(cache)}, signal: new AbortController().signal, log: (line) => console.log(line) };
    console.log(await download(${resource}, options));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on('close', (code) => {
      resolve(code === 0 ? output : null);
    });
  });
  return { kill: () => child.kill('SIGKILL'), ended };
}

it('downloads in one process while another waits, and takes over from one that was killed', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'fedx-lock-'));
  const starts: string[] = [];
  let onRequest: () => void = () => undefined;
  const server = createServer((request, response) => {
    const range = request.headers.range ?? 'all';
    starts.push(range);
    if (range === 'all') {
      // Half of it, then silence: the first process hangs here until it is killed.
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => {
        onRequest();
      });
    } else {
      const from = Number(/\d+/.exec(range)?.[0]);
      response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
      response.end(content.subarray(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  try {
    const asked = new Promise<void>((resolve) => {
      onRequest = resolve;
    });
    const first = downloader(url, cache);
    await asked;
    const second = downloader(url, cache);
    const third = downloader(url, cache);
    // Long enough for both to find the lock, and for the first one to have stored what came.
    await expect
      .poll(async () => (await readFile(join(cache, 'downloads', 'file.bin.part'))).length, { timeout: 20_000 })
      .toBe(100_000);
    first.kill();
    expect(await first.ended).toBeNull();
    const outputs = await Promise.all([second.ended, third.ended]);
    for (const output of outputs) expect(output).toContain(join(cache, 'downloads', 'file.bin'));
    expect(starts).toEqual(['all', 'bytes=100000-']);
    expect((await readFile(join(cache, 'downloads', 'file.bin'))).equals(content)).toBe(true);
    expect(await readdir(join(cache, 'downloads'))).toEqual(['file.bin']);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(cache, { recursive: true });
  }
}, 90_000);
