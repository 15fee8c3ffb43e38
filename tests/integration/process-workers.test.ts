import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorkerPool, processWorkers, type WorkerPool } from '../../packages/core/dist/runtime/index.js';

/** A process that does as the name of its program says, and writes its number to the file of its argument. */
const worker = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

function isFirst(file) {
  const first = !existsSync(file);
  appendFileSync(file, process.pid + ' ');
  return first;
}

function answer({ id, program, job }) {
  const [what, file] = program.split(' ');
  if (what === 'dies-once' && isFirst(file)) process.kill(process.pid, 'SIGKILL');
  else if (what === 'ends-once' && isFirst(file)) { console.error('out of memory'); process.exit(3); }
  else if (what === 'hangs') { isFirst(file); for (;;); }
  else {
    const told = [process.cwd(), process.env.NUMBER, ...process.argv.slice(2)].join();
    return { id, type: 'done', outcome: { carried: job.carried, stacked: {}, ends: [], told }, memoryBytes: 1000 };
  }
}

process.on('message', (requests) => {
  const replies = requests.map(answer);
  if (!replies.includes(undefined)) process.send(replies);
});`;

let folder = '';
const pools: WorkerPool[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-processes-'));
  await writeFile(join(folder, 'worker.mjs'), worker);
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

afterAll(() => rm(folder, { recursive: true }));

function openPool(
  options: { readonly signal?: AbortSignal; readonly onRetry?: (reason: string) => void } = {},
): WorkerPool {
  const start = processWorkers({
    entry: pathToFileURL(join(folder, 'worker.mjs')),
    arguments: ['an argument'],
    directory: folder,
    environment: { ...process.env, NUMBER: '7' },
  });
  const pool = createWorkerPool({ workers: 1, signal: new AbortController().signal, start, ...options });
  pools.push(pool);
  return pool;
}

const job = (number: number): Parameters<WorkerPool['run']>[1] => ({
  program: { id: 'test', batchSize: 1, draws: 0 },
  // More than fits into a pipe at once.
  carried: { w: { shape: [200_000], data: new Float32Array(200_000).fill(number) } },
  constants: {},
  schedules: [{ rows: Uint32Array.of(1, 2, 3), epochs: 1, lastBatch: 'keep' }],
  priority: 0,
});

/** The processes that have written to `file`, once there is one. */
async function processesIn(file: string): Promise<number[]> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.endsWith(' ')) return text.trim().split(' ').map(Number);
    await new Promise(setImmediate);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('processWorkers', () => {
  it('run jobs in the folder and environment that they are given, and send tensors both ways', async () => {
    const pool = openPool();
    const [one, two] = await Promise.all([pool.run('works', job(1)), pool.run('works', job(2))]);
    expect([one.carried, two.carried]).toEqual([job(1).carried, job(2).carried]);
    expect(one).toMatchObject({ told: `${folder},7,an argument` });
  });

  it('say how much memory they hold, as they last told', async () => {
    const pool = openPool();
    expect(pool.memoryBytes()).toBe(0);
    await pool.run('works', job(1));
    expect(pool.memoryBytes()).toBe(1000);
  });

  it.each([
    ['dies-once', 'it ended with SIGKILL'],
    ['ends-once', 'it ended with code 3: out of memory'],
  ])('are replaced when one %s, and the job gives what it would have given', async (what, reason) => {
    const told: string[] = [];
    const pool = openPool({ onRetry: (message) => told.push(message) });
    expect(await pool.run(`${what} ${join(folder, what)}`, job(4))).toMatchObject({ carried: job(4).carried });
    expect(told).toEqual([`A worker was lost (${reason}); its job runs again.`]);
  });

  it('end at once when a run is interrupted, whatever they are doing', async () => {
    const controller = new AbortController();
    const file = join(folder, 'interrupted');
    const jobs = [openPool({ signal: controller.signal }).run(`hangs ${file}`, job(1))];
    const ended = Promise.allSettled(jobs);
    await processesIn(file);
    controller.abort();
    expect(await ended).toMatchObject([{ status: 'rejected', reason: { code: 'FEDX_RUN_INTERRUPTED' } }]);
  });

  it('are gone once the pool is closed', async () => {
    const pool = openPool();
    const file = join(folder, 'closed');
    const ended = Promise.allSettled([pool.run(`hangs ${file}`, job(1))]);
    const [pid = 0] = await processesIn(file);
    expect(isAlive(pid)).toBe(true);
    await pool.close();
    expect(isAlive(pid)).toBe(false);
    expect(await ended).toMatchObject([{ status: 'rejected', reason: { code: 'FEDX_RUN_INTERRUPTED' } }]);
  });
});
