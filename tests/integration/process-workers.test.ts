import { execFile, fork } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorkerPool,
  type Outcome,
  processWorkers,
  type WorkerPool,
} from '../../packages/core/dist/runtime/index.js';

const runtime = (file: string): string => new URL(`../../packages/core/dist/runtime/${file}`, import.meta.url).href;

/** A process that does as the name of its program says, and writes its number to the file of its argument. */
const worker = `
import { appendFileSync, existsSync } from 'node:fs';
import { serveProcess } from '${runtime('serve-process.js')}';

function isFirst(file) {
  const first = !existsSync(file);
  appendFileSync(file, process.pid + ' ');
  return first;
}

serveProcess(async (program) => ({
  async run({ carried, result }) {
    const [what, file] = program.split(' ');
    if (what === 'dies-once' && isFirst(file)) process.kill(process.pid, 'SIGKILL');
    else if (what === 'ends-once' && isFirst(file)) { console.error('out of memory'); process.exit(3); }
    else if (what === 'hangs') { isFirst(file); for (;;); }
    else if (what === 'fails') throw new Error('no such program');
    else if (what === 'works' && file !== undefined) isFirst(file);
    const told = [process.cwd(), process.env.NUMBER, ...process.argv.slice(2)].join();
    const given = Object.entries(carried).map(([name, { shape, data }]) => {
      const into = result?.into?.[name];
      into?.set(data);
      return [name, { shape, data: into ?? data }];
    });
    return { carried: Object.fromEntries(given), stacked: {}, ends: [], told };
  },
}));`;

/** A process that runs three jobs, says what came of them, and waits to be killed where its last argument is a file to say so in. */
const parent = `
import { appendFileSync } from 'node:fs';
import { createWorkerPool, processWorkers } from '${runtime('index.js')}';

const [shared, program, ready] = process.argv.slice(2);
const start = processWorkers({
  entry: new URL('worker.mjs', import.meta.url),
  arguments: [],
  directory: '.',
  environment: process.env,
  shared: [shared],
});
const pool = createWorkerPool({ workers: 1, signal: new AbortController().signal, start });
const told = [];
for (const number of [1, 2, 3]) {
  const { carried } = await pool.run(program, {
    program: { id: 'test', batchSize: 1, draws: 0 },
    carried: { w: { shape: [200_000], data: new Float32Array(200_000).fill(number) } },
    constants: { other: { shape: [200_000], data: new Float32Array(200_000) } },
    schedules: [{ rows: Uint32Array.of(1), epochs: 1, lastBatch: 'keep' }],
    result: { names: ['w'], asDifferences: false },
    priority: 0,
  });
  told.push(carried.w.data.length + ' of ' + [...new Set(carried.w.data)]);
}
if (ready === undefined) {
  console.log(told.join(', '));
  await pool.close();
} else appendFileSync(ready, process.pid + ' ');`;

let folder = '';
const pools: WorkerPool[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-processes-'));
  await writeFile(join(folder, 'worker.mjs'), worker);
  await writeFile(join(folder, 'parent.mjs'), parent);
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

afterAll(() => rm(folder, { recursive: true }));

interface PoolOptions {
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onRetry?: (reason: string) => void;
  /** Where the file may lie that tensors go through. */
  readonly shared?: readonly string[];
}

function openPool({ shared, ...options }: PoolOptions = {}): WorkerPool {
  const start = processWorkers({
    entry: pathToFileURL(join(folder, 'worker.mjs')),
    arguments: ['an argument'],
    directory: folder,
    environment: { ...process.env, NUMBER: '7' },
    shared,
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
  result: { names: ['w'], asDifferences: false },
  priority: 0,
});

/** How many values an outcome has, and which ones. */
function whatCame({ carried: { w } }: Outcome): string {
  return `${w?.data.length} of ${[...new Set(w?.data)].join()}`;
}

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
  it.each([
    ['through a file', undefined],
    ['in messages, where there is no file', []],
  ])(
    'run jobs in the folder and environment that they are given, and send tensors both ways: %s',
    async (_, shared) => {
      const pool = openPool({ ...(shared !== undefined && { shared }) });
      const [one, two] = await Promise.all([pool.run('works', job(1)), pool.run('works', job(2))]);
      expect([one, two].map(whatCame)).toEqual(['200000 of 1', '200000 of 2']);
      expect(one).toMatchObject({ told: `${folder},7,an argument` });
    },
  );

  it('say how much memory they hold, as they last told', async () => {
    const pool = openPool();
    expect(pool.memoryBytes()).toBe(0);
    await pool.run('works', job(1));
    expect(pool.memoryBytes()).toBeGreaterThan(2 ** 24);
  });

  it.each([
    ['dies-once', 'it ended with SIGKILL'],
    ['ends-once', 'it ended with code 3: out of memory'],
  ])('are replaced when one %s, and the job gives what it would have given', async (what, reason) => {
    const told: string[] = [];
    const pool = openPool({ onRetry: (message) => told.push(message) });
    expect(whatCame(await pool.run(`${what} ${join(folder, what)}`, job(4)))).toBe('200000 of 4');
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

  it('leave no name in the folder of their file while they run, nor once all are killed', async () => {
    const shared = await mkdtemp(join(folder, 'shared-'));
    const [file, ready] = [join(folder, 'orphaned'), join(folder, 'ready')];
    const parent = fork(join(folder, 'parent.mjs'), [shared, `works ${file}`, ready], { stdio: 'inherit' });
    await processesIn(ready);
    const [worker = 0] = await processesIn(file);
    expect(isAlive(worker)).toBe(true);
    expect(await readdir(shared)).toEqual([]);
    parent.kill('SIGKILL');
    while (isAlive(worker)) await new Promise(setImmediate);
    expect(await readdir(shared)).toEqual([]);
  });

  it('send what the file has no room for in messages, whole', async () => {
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      'ulimit -f 1000 && exec "$0" "$@"',
      process.execPath,
      join(folder, 'parent.mjs'),
      folder,
      'works',
    ]);
    expect(stdout).toBe('200000 of 1, 200000 of 2, 200000 of 3\n');
  });

  it.skipIf(process.platform !== 'linux')(
    'keep no descriptor open when they are replaced, nor once they are gone',
    async () => {
      const descriptors = () => readdir('/proc/self/fd').then(({ length }) => length);
      const before = await descriptors();
      const pool = openPool();
      await pool.run('works', job(1));
      const used = await descriptors();
      for (let i = 0; i < 3; i++) await pool.run(`dies-once ${join(folder, `replaced-${i}`)}`, job(i));
      expect(await descriptors()).toBe(used);
      await pool.close();
      expect(await descriptors()).toBe(before);
    },
  );

  it('hold what they held after many jobs', async () => {
    const pool = openPool({ workers: 2 });
    const memory: number[] = [];
    for (let i = 0; i < 200; i++) {
      const [one, two] = await Promise.all([pool.run('works', job(i)), pool.run('works', job(-i))]);
      expect([one, two].map(({ carried: { w } }) => w?.data[199_999])).toEqual([i, -i]);
      memory.push(process.memoryUsage.rss() + pool.memoryBytes());
    }
    // All tensors that came and went after the first half would be 305 MiB.
    expect((memory[199] ?? NaN) - (memory[99] ?? NaN)).toBeLessThan(100 * 2 ** 20);
  });
});
