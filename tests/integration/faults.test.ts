import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createHost, type HostOptions, type JournalEntry } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFileSystem, readJournal } from '../../packages/core/dist/runs/index.js';
import { createProject, type Project, plugins, type Run, resultsOf } from './tiny-federation.js';

type FileSystem = NonNullable<HostOptions['fileSystem']>;

/** FedAvg until round 2, in which it does what `fault` says. */
const faulty = `import { defineModel, defineStrategy, parameters as p } from '@fedx/core';

const faults = {
  throws: () => { throw new Error('the moon is full'); },
  nothing: () => undefined,
  promise: async (global) => ({ global }),
  missing: ({ 'dense-1/kernel': _, ...global }) => ({ global }),
  extra: (global) => ({ global: { ...global, more: { shape: [], data: Float32Array.of(1) } } }),
  shape: (global) => ({ global: { ...global, 'dense-1/bias': { shape: [3], data: new Float32Array(3) } } }),
  misspelt: (global) => ({ global, logs: { drift: 1 } }),
  short: (global) => ({ global: { ...global, 'dense-1/bias': { shape: [20], data: new Float32Array(3) } } }),
  chance: (global) => ({ global: p.scale(global, Math.random()) }),
  nan: (global) => ({ global: p.scale(global, NaN) }),
  huge: (global) => ({ global: p.scale(global, 1e30) }),
};

const strategy = defineStrategy({
  name: 'faulty',
  options: { type: 'object', additionalProperties: false, properties: { fault: { type: 'string' }, create: { type: 'boolean' }, init: { type: 'boolean' } } },
  create: ({ fault, create, init }) => {
    if (create) throw new Error('no strategy today');
    return {
      init: () => { if (init) throw new Error('no state today'); },
      aggregate: ({ global, updates, round }) =>
        round === 2 && fault ? faults[fault](global) : { global: p.add(global, updates.mean()) },
    };
  },
});

const model = defineModel({
  name: 'faulty',
  options: { type: 'object', additionalProperties: false, properties: { where: { type: 'string' } } },
  create: ({ where }) => {
    const fail = (here) => { if (here === where) throw new Error('no model today'); };
    fail('create');
    return {
      init: () => { fail('init'); return { bias: { shape: [10], data: new Float32Array(10) } }; },
      apply: ({ tf, parameters, inputs }) => { fail('apply'); return { logits: tf.zeros([inputs.shape[0], 10]).add(parameters.bias) }; },
    };
  },
});

export default [strategy, model];
`;

/** A model with an operation that has no lowering, on line 9. */
const unsupported = `import { defineModel } from '@fedx/core';

export default defineModel({
  name: 'sorted',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: () => ({ kernel: { shape: [20, 10], data: new Float32Array(200) } }),
    apply: ({ tf, parameters, inputs }) => {
      const { values } = tf.topk(tf.reshape(inputs, [-1, 20]), 20);
      return { logits: tf.matMul(values, parameters.kernel as never) };
    },
  }),
});
`;

let project: Project;

beforeAll(async () => {
  project = await createProject();
  await project.write('faulty.ts', faulty);
  await project.write('sorted.ts', unsupported);
});

afterAll(() => project.remove());

/** The journal as a reader finds it; fails where a line is damaged. */
async function journalOf({ folder }: Run): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(join(folder, 'events.jsonl'))) entries.push(entry);
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, i) => i + 1));
  return entries;
}

describe('a diverging run', () => {
  it('fails with the round and the client, and leaves a whole journal that ends with that', async () => {
    const run = await project.run([
      'plugins=[./faulty.ts]',
      'strategy.use=faulty',
      'strategy.fault=huge',
      'server.rounds=5',
      'evaluate.every=5',
    ]);
    expect(run.error).toMatchObject({
      code: 'FEDX_RUN_DIVERGED',
      exitCode: 1,
      place: { arm: 'federated', round: 3, client: expect.any(Number) },
    });
    expect(run.error).toMatchObject({ message: expect.stringMatching(/round 3.* client \d/) });
    const journal = await journalOf(run);
    expect(journal.filter(({ type }) => type === 'step-completed')).toHaveLength(2);
    expect(journal.at(-1)).toMatchObject({ type: 'run-failed', code: 'FEDX_RUN_DIVERGED', place: { round: 3 } });
    expect(run.events).toEqual(journal);
  });

  it('fails in the first round under an absurd learning rate, in every arm alike', async () => {
    for (const control of ['[]', '[centralized]', '[local-only]']) {
      const run = await project.run(['client.optimizer.learningRate=1e30', `controls=${control}`]);
      expect(run.error, control).toMatchObject({ code: 'FEDX_RUN_DIVERGED', place: { round: 1 } });
      expect((await journalOf(run)).at(-1)).toMatchObject({ type: 'run-failed', code: 'FEDX_RUN_DIVERGED' });
    }
  });

  it('evaluates a model that is no longer finite in its logits without losing the journal', async () => {
    const run = await project.run([
      'plugins=[./faulty.ts]',
      'strategy.use=faulty',
      'strategy.fault=huge',
      'evaluate.every=1',
    ]);
    expect(run.error).toMatchObject({ code: 'FEDX_RUN_DIVERGED' });
    expect((await journalOf(run)).at(-1)).toMatchObject({ type: 'run-failed', code: 'FEDX_RUN_DIVERGED' });
  });
  it('warns once where a model gives logits in evaluation alone that are not finite, and goes on', async () => {
    await project.write(
      'brittle.ts',
      `import { defineModel } from '@fedx/core';
export default defineModel({
  name: 'brittle',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: () => ({ bias: { shape: [10], data: new Float32Array(10) } }),
    apply: ({ tf, parameters, inputs, mode }) => {
      const logits = tf.add(tf.zeros([inputs.shape[0], 10]), parameters.bias);
      return { logits: mode === 'train' ? logits : tf.log(tf.sub(tf.mul(logits, 0), 1)) };
    },
  }),
});
`,
    );
    const run = await project.run(['plugins=[./brittle.ts]', 'model.use=brittle', 'server.rounds=2']);
    expect(run.error).toBeUndefined();
    expect(run.events.filter(({ type }) => type === 'warning')).toEqual([
      expect.objectContaining({
        arm: 'federated',
        message: 'test/loss is NaN at step 1: in evaluation the model gives logits that are not finite.',
      }),
    ]);
  });
});

describe('a strategy that fails', () => {
  it.each([
    ['throws', 'the moon is full'],
    ['chance', 'it calls Math.random, whose numbers follow from no seed'],
    ['nothing', 'returned no global parameters'],
    ['promise', 'returned no global parameters'],
    ['missing', 'returned no parameter dense-1/kernel'],
    ['extra', 'more'],
    ['shape', 'dense-1/bias of shape [3] instead of [20]'],
    ['short', 'dense-1/bias with 3 values instead of the 20 of its shape [20]'],
    ['misspelt', 'returned logs, where log may be meant, in round 2'],
    ['nan', 'not finite'],
  ])('by %s is named with its round', async (fault, message) => {
    const run = await project.run(['plugins=[./faulty.ts]', 'strategy.use=faulty', `strategy.fault=${fault}`]);
    expect(run.error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      exitCode: 4,
      place: { plugin: 'faulty', round: 2, arm: 'federated' },
    });
    expect(run.error).toMatchObject({ message: expect.stringMatching(/faulty .*in round 2/) });
    expect(run.error).toMatchObject({ message: expect.stringContaining(message) });
    expect((await journalOf(run)).at(-1)).toMatchObject({ type: 'run-failed', code: 'FEDX_PLUGIN_FAILED' });
  });

  it.each([
    ['create', 'no strategy today'],
    ['init', 'no state today'],
  ])('in its %s is named', async (where, message) => {
    const { error } = await project.run(['plugins=[./faulty.ts]', 'strategy.use=faulty', `strategy.${where}=true`]);
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      place: { plugin: 'faulty' },
      message: expect.stringContaining(message),
    });
  });
});

describe('a model that fails', () => {
  it.each(['create', 'init', 'apply'])('in its %s is a fault of the plugin', async (where) => {
    const { error } = await project.run(['plugins=[./faulty.ts]', `model={ use: faulty, where: ${where} }`]);
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      exitCode: 4,
      message: expect.stringMatching(/faulty.*no model today/),
    });
  });
});

describe('a model with an operation that cannot be compiled', () => {
  it("is refused with the operation and the line of the plugin's file", async () => {
    const { error } = await project.run(['plugins=[./sorted.ts]', 'model={ use: sorted }']);
    expect(error).toMatchObject({ code: 'FEDX_COMPILE_UNSUPPORTED_OP', exitCode: 4 });
    expect(error).toMatchObject({
      message: expect.stringMatching(/sorted.*TopK/),
      place: { plugin: 'sorted', file: join(project.folder, 'sorted.ts'), line: 9 },
    });
  });
});

/** A file system on which `fails` decides, file by file, whether an operation meets `code`. */
function failing(code: string, operations: Partial<Record<keyof FileSystem, (path: string) => boolean>>): FileSystem {
  const paths = new Map<number, string>();
  const check = (operation: keyof FileSystem, path: string): void => {
    if (operations[operation]?.(path) === true) throw Object.assign(new Error(code), { code });
  };
  return {
    ...nodeFileSystem,
    makeDirectory(path, options) {
      check('makeDirectory', path);
      nodeFileSystem.makeDirectory(path, options);
    },
    open(path, flags) {
      check('open', path);
      const descriptor = nodeFileSystem.open(path, flags);
      paths.set(descriptor, path);
      return descriptor;
    },
    write(descriptor, bytes, position) {
      check('write', paths.get(descriptor) ?? '');
      return nodeFileSystem.write(descriptor, bytes, position);
    },
    async sync(descriptor) {
      check('sync', paths.get(descriptor) ?? '');
      return nodeFileSystem.sync(descriptor);
    },
  };
}

const isJournal = (path: string): boolean => path.endsWith('events.jsonl');

/** True from the `count`-th time on that it is asked about the journal. */
function journalFrom(count: number): (path: string) => boolean {
  let asked = 0;
  return (path) => isJournal(path) && ++asked >= count;
}

describe('a disk', () => {
  it.each([1, 2, 5])(
    'that is full when line %i of the journal is written ends the run, and what is there can be read',
    async (line) => {
      const run = await project.run([], { fileSystem: failing('ENOSPC', { write: journalFrom(line) }) });
      expect(run.error).toMatchObject({
        code: 'FEDX_STORAGE_FAILED',
        exitCode: 5,
        message: expect.stringContaining('the disk is full'),
      });
      expect(await journalOf(run)).toHaveLength(line - 1);
    },
  );

  it.each([
    ['the journal', (path: string) => isJournal(path), 9],
    ['a checkpoint', (path: string) => path.includes('checkpoints'), 4],
    ['the manifest of a checkpoint', (path: string) => path.endsWith('manifest.json'), 2],
    ['the model', (path: string) => path.includes('model.onnx'), 1],
  ])(
    'that is full when %s is written can be made room on, and the run goes on to the same bits',
    async (_, is, count) => {
      const overrides = ['server.rounds=12', 'checkpoint.every=2', 'controls=[centralized]'];
      let asked = 0;
      const write = (path: string): boolean => is(path) && ++asked >= count;
      const run = await project.run(overrides, { fileSystem: failing('ENOSPC', { write }) });
      expect(run.error).toMatchObject({
        code: 'FEDX_STORAGE_FAILED',
        message: expect.stringContaining('the disk is full'),
      });
      const before = await journalOf(run);
      const directory = join(run.folder, '../../..');
      const host = createHost({ plugins, directory, cache: join(project.folder, 'cache') });
      await host.resume('latest', { signal: new AbortController().signal, onEvent: () => {} });
      const events = await journalOf(run);
      expect(events.slice(0, before.length)).toEqual(before);
      expect(await resultsOf({ events, folder: run.folder, programs: [] })).toEqual(
        await resultsOf(await project.run(overrides)),
      );
    },
  );

  it('that loses what it was asked to keep ends the run: nobody hears of an event that is not on disk', async () => {
    const run = await project.run([], { fileSystem: failing('EIO', { sync: isJournal }) });
    expect(run.error).toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
    expect(run.events).toEqual([]);
  });

  it('that is full when the model is written ends the run with the journal whole', async () => {
    const run = await project.run([], {
      fileSystem: failing('ENOSPC', { write: (path) => path.includes('model.safetensors') }),
    });
    expect(run.error).toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
    expect((await journalOf(run)).at(-1)).toMatchObject({ type: 'run-failed', code: 'FEDX_STORAGE_FAILED' });
  });

  it('that is read-only is named with the folder', async () => {
    const fileSystem = failing('EROFS', { makeDirectory: (path) => path.includes('runs') });
    const { error } = await project.run([], { fileSystem });
    expect(error).toMatchObject({
      code: 'FEDX_STORAGE_FAILED',
      exitCode: 5,
      message: expect.stringContaining('read-only'),
    });
  });

  it('on which the cache cannot be written says how to move it', async () => {
    const cache = join(project.folder, 'no-cache');
    await mkdir(cache);
    const fileSystem = failing('EROFS', { open: (path) => path.startsWith(cache) });
    const { error } = await project.run([], { cache, fileSystem });
    expect(error).toMatchObject({ code: 'FEDX_STORAGE_FAILED', hint: expect.stringContaining('FEDX_CACHE') });
  });
});

describe('a clock that is set back', () => {
  it('changes no result, and makes no time negative', async () => {
    let asked = 0;
    // An hour every third time that it is asked.
    const clock = (): number => Date.now() - Math.floor(asked++ / 3) * 3_600_000;
    const overrides = ['server.rounds=6', 'checkpoint.every=1', 'controls=[local-only]'];
    const run = await project.run(overrides, { clock });
    const times = (await journalOf(run)).map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const { durationSeconds } of run.report?.runs ?? []) expect(durationSeconds).toBeGreaterThanOrEqual(0);
    expect(await resultsOf(run)).toEqual(await resultsOf(await project.run(overrides)));
  });
});
