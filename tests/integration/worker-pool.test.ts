import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tensor } from '@fedx/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../packages/core/dist/engines/index.js';
import { createOnnxEngine } from '../../packages/core/dist/engines/onnx/engine.js';
import {
  createWorkerPool,
  type Outcome,
  threadWorkers,
  type WorkerPool,
  type WorkerPoolOptions,
} from '../../packages/core/dist/runtime/index.js';

/** A worker that says how many values its job carries in, and does as the name of its program says. */
const worker = `
import { appendFileSync, existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** Whether nobody has been here before. */
function isFirst(file) {
  const first = !existsSync(file);
  appendFileSync(file, 'x');
  return first;
}

async function answer({ id, program, job }) {
  const [what, file] = program.split(' ');
  if (what === 'exits-once' && isFirst(file)) process.exit(7);
  if (what === 'throws-once' && isFirst(file)) setImmediate(() => { throw new Error('out of luck'); });
  else if (what === 'dies') { isFirst(file); process.exit(1); }
  else if (what === 'fails') return { id, type: 'failed', message: 'no such program' };
  else if (what === 'waits') {
    isFirst(file);
    while (Atomics.load(workerData.stop, 0) === 0) await new Promise(setImmediate);
    return { id, type: 'stopped' };
  } else {
    for (const begun = Date.now(); what === 'takes-longer' && Date.now() < begun + 30; );
    if (file !== undefined) appendFileSync(file, job.constants.name.shape.join());
    return { id, type: 'done', outcome: { carried: job.carried, stacked: {}, ends: job.schedules.map(({ rows }) => rows.length) } };
  }
  return new Promise(() => undefined);
}

let last = Promise.resolve();
parentPort.on('message', (requests) => {
  last = last.then(async () => {
    const replies = [];
    for (const request of requests) replies.push(await answer(request));
    parentPort.postMessage(replies);
  });
});`;

let folder = '';
const pools: WorkerPool[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-pool-'));
  await writeFile(join(folder, 'worker.mjs'), worker);
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

afterAll(() => rm(folder, { recursive: true }));

function openPool(options: Partial<WorkerPoolOptions> = {}): WorkerPool {
  const start = threadWorkers(pathToFileURL(join(folder, 'worker.mjs')));
  const pool = createWorkerPool({ workers: 1, signal: new AbortController().signal, start, ...options });
  pools.push(pool);
  return pool;
}

/** A job that is told from others by `number`. */
const job = (number: number, priority = 0): Parameters<WorkerPool['run']>[1] => ({
  program: { id: 'test', batchSize: 1, draws: 0 },
  carried: { w: { shape: [2], data: Float32Array.of(number, 0.5) } },
  constants: { name: { shape: [number], data: new Float32Array(number) } },
  schedules: [{ rows: Uint32Array.of(1, 2, 3), epochs: 1, lastBatch: 'keep' }],
  priority,
});

const outcome = (number: number) => ({ carried: job(number).carried, stacked: {}, ends: [3] });

/** Resolves once `file` holds something. */
async function written(file: string): Promise<void> {
  while ((await readFile(file, 'utf8').catch(() => '')) === '') await new Promise(setImmediate);
}

describe('createWorkerPool', () => {
  it.each([1, 3])('answers every job with its own outcome on %i workers', async (workers) => {
    const pool = openPool({ workers });
    const outcomes = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((number) => pool.run('works', job(number))));
    expect(outcomes).toMatchObject([0, 1, 2, 3, 4, 5, 6].map(outcome));
  });

  it.each([
    ['exits', 'exits-once', 'it ended'],
    ['throws', 'throws-once', 'out of luck'],
  ])(
    'replaces a worker that %s, runs its job again with the same outcome, and tells of it',
    async (_, what, reason) => {
      const told: string[] = [];
      const pool = openPool({ onRetry: (message) => told.push(message) });
      const jobs = [pool.run(`${what} ${join(folder, what)}`, job(4)), pool.run('works', job(5))];
      expect(await Promise.all(jobs)).toMatchObject([outcome(4), outcome(5)]);
      expect(told).toEqual([`A worker was lost (${reason}); its job runs again.`]);
    },
  );

  // What is quick is measured: beside much other work a job may take too long to be.
  it('sends several of many quick jobs together before it has an answer, and runs all again where the worker is lost', {
    retry: 3,
  }, async () => {
    const told: string[] = [];
    const pool = openPool({ onRetry: (message) => told.push(message) });
    const files = await mkdtemp(join(folder, 'quick-'));
    const marker = join(files, 'marker');
    const order = join(files, 'order');
    // The first one takes as long as the worker's start.
    await pool.run('works', job(0));
    const programs = ['works', 'works', `exits-once ${marker}`, `works ${order}`, `works ${order}`, 'works', 'works'];
    const outcomes = await Promise.all(programs.map((program, number) => pool.run(program, job(number))));
    expect(outcomes).toMatchObject(programs.map((_, number) => outcome(number)));
    expect(told).toEqual(['A worker was lost (it ended); its jobs run again.']);
    expect(await readFile(order, 'utf8')).toMatch(/^(34|43)$/);
  });

  it('gives up only that one of many quick jobs that loses the workers', async () => {
    const pool = openPool();
    const file = join(folder, 'one-of-many');
    const programs = ['works', 'works', 'works', `dies ${file}`, 'works', 'works', 'works'];
    const ended = await Promise.allSettled(programs.map((program, number) => pool.run(program, job(number))));
    expect(ended[3]).toMatchObject({ status: 'rejected', reason: { code: 'FEDX_WORKER_FAILED' } });
    expect(ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value.carried] : []))).toEqual(
      [0, 1, 2, 4, 5, 6].map((number) => job(number).carried),
    );
    // Once with others, then three times by itself.
    expect(await readFile(file, 'utf8')).toBe('xxxx');
  });

  it('runs a quick job elsewhere that was sent to a worker behind one that takes too long', async () => {
    const pool = openPool();
    const running = join(folder, 'too-long');
    const late = { ...job(2), timeout: 0.2 };
    const jobs = [
      ...[0, 1].map((number) => pool.run('works', job(number))),
      pool.run(`waits ${running}`, late),
      ...[3, 4, 5, 6].map((number) => pool.run('works', job(number))),
    ];
    const ended = await Promise.allSettled(jobs);
    expect(ended[2]).toMatchObject({ status: 'rejected', reason: { code: 'FEDX_CLIENT_TIMEOUT' } });
    expect(ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value.carried] : []))).toEqual(
      [0, 1, 3, 4, 5, 6].map((number) => job(number).carried),
    );
  });

  it('gives a job up that loses three workers, and goes on with the others', async () => {
    const pool = openPool();
    const file = join(folder, 'deaths');
    const lost = pool.run(`dies ${file}`, job(1));
    const other = pool.run('works', job(2));
    await expect(lost).rejects.toMatchObject({
      code: 'FEDX_WORKER_FAILED',
      message: expect.stringContaining('3 workers were lost'),
    });
    expect(await readFile(file, 'utf8')).toBe('xxx');
    expect(await other).toMatchObject(outcome(2));
  });

  it('says why a job failed, without trying it again', async () => {
    await expect(openPool().run('fails', job(1))).rejects.toMatchObject({
      code: 'FEDX_WORKER_FAILED',
      message: expect.stringContaining('no such program'),
    });
  });

  it('starts jobs of a higher priority first, and those of the same in their order', async () => {
    const pool = openPool();
    const file = join(folder, 'order');
    const priorities = [0, 1, 0, 2, 1];
    // The first is on the only worker before the others come.
    await Promise.all([
      pool.run(`works ${file}`, job(9)),
      ...priorities.map((priority, i) => pool.run(`works ${file}`, job(i, priority))),
    ]);
    expect(await readFile(file, 'utf8')).toBe('931402');
  });

  it('has no job wait at a worker that takes longer where others of a higher priority may come', async () => {
    const pool = openPool();
    const file = join(folder, 'order-of-longer');
    await pool.run('works', job(0, 1));
    const [first, ...others] = [1, 2, 3, 4, 5].map((number) => pool.run(`takes-longer ${file}`, job(number)));
    await first;
    await Promise.all([...others, pool.run(`works ${file}`, job(9, 1))]);
    expect(await readFile(file, 'utf8')).toBe('129345');
  });

  it('ends waiting and running jobs when it is aborted, and takes no new ones', async () => {
    const controller = new AbortController();
    const pool = openPool({ signal: controller.signal });
    const [running, waiting] = [join(folder, 'running'), join(folder, 'waiting')];
    const jobs = [pool.run(`waits ${running}`, job(1)), pool.run(`works ${waiting}`, job(2))];
    const ended = Promise.allSettled(jobs);
    await written(running);
    controller.abort();
    for (const result of await ended)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'FEDX_RUN_INTERRUPTED' } });
    await expect(pool.run('works', job(3))).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
    await expect(readFile(waiting)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('waits at its end for the native call that is under way, and settles every job', async () => {
    const pool = openPool();
    const running = join(folder, 'closing');
    const ended = Promise.allSettled([pool.run(`waits ${running}`, job(1)), pool.run('works', job(2))]);
    await written(running);
    await pool.close();
    for (const result of await ended)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'FEDX_RUN_INTERRUPTED' } });
    await expect(pool.run('works', job(3))).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
  });
});

/** The real worker, but for the first one, which does `how` when it gets a job. */
const mortal = (how: string, marker: string): string => `
import { appendFileSync, existsSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
const first = !existsSync(${JSON.stringify(marker)});
appendFileSync(${JSON.stringify(marker)}, 'x');
if (first) parentPort.once('message', () => { ${how} });
else await import(${JSON.stringify(new URL('../../packages/core/dist/runtime/thread-worker.js', import.meta.url).href)});
`;

/** Fifty steps of a linear model: long enough for several native calls. */
const loop: Parameters<Engine['compile']>[0] = {
  batchSize: 4,
  tables: [
    {
      name: 'x',
      rows: 20,
      rowShape: [3],
      as: { dtype: 'float32', scale: 1 / 60 },
      content: Uint8Array.from({ length: 60 }, (_, i) => i),
    },
  ],
  carried: [{ name: 'w', shape: [3, 2] }],
  constants: [],
  step: ({ tf, carried, batch, weights }) => {
    const loss = (w: Tensor) =>
      tf.sum(tf.mul(tf.sum(tf.square(tf.sub(tf.matMul(batch['x'] as Tensor, w), 1)), 1), weights));
    const w = carried['w'] as Tensor;
    return { carried: { w: tf.sub(w, tf.mul(tf.grad(loss)(w), 0.1)) }, stacked: {} };
  },
};

/** What `use` makes of an engine with one worker, which trains from `factor` times the same weights, in batches of one size or another. */
async function onEngine<Result>(
  use: (train: (factor: number, batchSize?: 4 | 5, isReleased?: boolean) => Promise<Outcome>) => Promise<Result>,
  entry?: URL,
): Promise<Result> {
  const engine = createOnnxEngine({
    workers: 1,
    signal: new AbortController().signal,
    directory: folder,
    writeFile,
    ...(entry === undefined ? {} : { start: threadWorkers(entry) }),
  });
  try {
    const programs = { 4: await engine.compile(loop), 5: await engine.compile({ ...loop, batchSize: 5 }) };
    const rows = Uint32Array.from({ length: 20 }, (_, i) => i);
    const schedule = { rows, epochs: 10, lastBatch: 'keep', shuffleKey: '00'.repeat(16) } as const;
    const weights = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    return await use((factor, batchSize = 4, isReleased = false) =>
      engine.run({
        program: programs[batchSize],
        carried: { w: { shape: [3, 2], data: Float32Array.from(weights, (weight) => factor * weight) } },
        constants: {},
        priority: 0,
        schedules: [schedule],
        result: { names: ['w'], asDifferences: true, isReleased },
      }),
    );
  } finally {
    await engine.close();
  }
}

const bitsOf = ({ carried }: Outcome): readonly number[] => [...(carried['w']?.data ?? [])];

describe('a compiled training job', () => {
  it.each([
    ['ends', 'process.exit(1);'],
    ['throws', "throw new Error('out of luck');"],
  ])('gives the same bits when its first worker %s', async (name, how) => {
    const [marker, file] = [join(folder, `${name}-marker`), join(folder, `${name}.mjs`)];
    await writeFile(file, mortal(how, marker));
    const expected = await onEngine((train) => train(1));
    expect(expected.ends).toMatchObject([{ steps: 50 }]);
    const again = await onEngine((train) => train(1), pathToFileURL(file));
    expect(again.carried).toEqual(expected.carried);
    expect(await readFile(marker, 'utf8')).toBe('xx');
  });

  it('gives its result in memory that a job to come writes to once it is released', async () => {
    await onEngine(async (train) => {
      const [own, first, second] = [await train(1), await train(1, 4, true), await train(1, 4, true)];
      const bits = bitsOf(own);
      expect(bits).toHaveLength(6);
      expect([first, second].map(bitsOf)).toEqual([bits, bits]);
      first.release?.();
      const other = await train(2, 4, true);
      expect(other.carried['w']?.data).toBe(first.carried['w']?.data);
      expect(bitsOf(other)).toEqual(bitsOf(await train(2)));
      expect(bitsOf(other)).not.toEqual(bits);
      expect([own, second].map(bitsOf)).toEqual([bits, bits]);
      expect(own.release).toBeUndefined();
    });
  });

  it('waits behind one whose program its worker has yet to open, with the same bits as alone', async () => {
    await onEngine(async (train) => {
      const alone = [bitsOf(await train(1)), bitsOf(await train(2))];
      const [, other, ...others] = await Promise.all([train(1), train(1, 5), train(2), train(1), train(2), train(1)]);
      expect(others.map(bitsOf)).toEqual([alone[1], alone[0], alone[1], alone[0]]);
      expect(bitsOf(other)).toEqual(bitsOf(await train(1, 5)));
    });
  });
});
