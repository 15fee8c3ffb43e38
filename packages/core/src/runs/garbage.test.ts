import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from './events.js';
import { findGarbage } from './garbage.js';
import { runsFolder } from './glance.js';
import { invocationsFolder, startInvocation } from './invocation.js';
import { openJournal } from './journal.js';
import { planRemoval, remove } from './remove.js';

const day = 86_400_000;
const now = Date.now();
const [old, young] = [
  '20200101-000000-n-0000',
  `${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}-000000-n-0001`,
];

let directory = '';
let cache = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-garbage-'));
  cache = join(directory, 'cache');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function makeRun(id: string, last?: RunEvent, dataset = 'none'): Promise<void> {
  const folder = join(runsFolder(directory), id);
  mkdirSync(folder, { recursive: true });
  const time = id === old ? Date.UTC(2020, 0, 1) : now;
  const journal = await openJournal(join(folder, 'events.jsonl'), { clock: () => time });
  journal.append({ type: 'run-started', run: id, name: 'n', engine: 'onnx', workers: 1, arms: ['federated'] });
  if (last !== undefined) journal.append(last);
  await journal.close();
  writeFileSync(join(folder, 'partition.json'), JSON.stringify({ dataset }));
}

/** Writes a file that was last changed so long ago. */
function writeOld(path: string, age: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'content');
  const then = new Date(now - age);
  utimesSync(path, then, then);
  utimesSync(dirname(path), then, then);
}

const garbage = (age = 7 * day) =>
  findGarbage({ directory, cache, before: now - age, now }).map(({ kind, path }) => `${kind} ${basename(path)}`);

const completed: RunEvent = { type: 'run-completed', seconds: 1 };
const failed: RunEvent = { type: 'run-failed', code: 'FEDX_RUN_DIVERGED', message: 'm', place: {} };

describe('collecting garbage', () => {
  it('finds nothing in a folder without runs', () => {
    expect(garbage()).toEqual([]);
  });

  it.each<[string, RunEvent | undefined, readonly string[]]>([
    ['failed', failed, [`run ${old}`]],
    ['interrupted', { type: 'run-interrupted' }, [`run ${old}`]],
    ['unfinished', undefined, [`run ${old}`]],
    ['completed', completed, []],
  ])('takes an old run that is %s, or leaves it', async (_, last, expected) => {
    await makeRun(old, last);
    await makeRun(young, failed);
    expect(garbage()).toEqual(expected);
  });

  it('leaves an old run that is still running', async () => {
    await makeRun(old);
    const invocation = await startInvocation(
      { name: 'n', file: 'f', text: '', overrides: [], points: [{ overrides: {}, specHash: '', runs: [old] }] },
      { directory },
    );
    expect(garbage()).toEqual([]);
    invocation.close();
    expect(garbage()).toEqual([`run ${old}`, `invocation ${invocation.id}.json`]);
  });

  it('takes the record of an invocation once its last run goes', async () => {
    await makeRun(old, failed);
    await makeRun(young, completed);
    const records = await Promise.all(
      [[old], [old, young]].map(async (runs) => {
        const points = [{ overrides: {}, specHash: '', runs }];
        const invocation = await startInvocation(
          { name: 'n', file: 'f', text: '', overrides: [], points },
          { directory },
        );
        invocation.close();
        return invocation.id;
      }),
    );
    expect(garbage()).toEqual([`run ${old}`, `invocation ${records[0]}.json`]);
  });

  it('takes locks that nobody holds and temporary files that nobody writes', async () => {
    await makeRun(young, completed);
    writeOld(join(invocationsFolder(directory), `${old}.lock`), day);
    writeOld(join(runsFolder(directory), young, 'arms', '.model.safetensors.0a1b2c3d.tmp'), day);
    writeOld(join(runsFolder(directory), young, '.environment.json.0a1b2c3d.tmp'), 0);
    writeOld(join(runsFolder(directory), young, 'artifacts', 'mine.tmp'), day);
    expect(garbage()).toEqual([`lock ${old}.lock`, 'temporary .model.safetensors.0a1b2c3d.tmp']);
  });

  it('takes prepared data that no run uses, and old programs of data that one does', async () => {
    const [used, unused, fresh] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
    await makeRun(young, completed, used);
    writeOld(join(cache, 'datasets', used, 'inputs.u8'), 30 * day);
    writeOld(join(cache, 'datasets', used, '0123.onnx'), 30 * day);
    writeOld(join(cache, 'datasets', unused, 'inputs.u8'), 30 * day);
    writeOld(join(cache, 'datasets', fresh, 'inputs.u8'), 30 * day);
    writeOld(join(cache, 'datasets', fresh, '4567.onnx'), day / 2);
    writeOld(join(cache, 'datasets', 'somebody-elses', 'file'), 30 * day);
    expect(garbage(0)).toEqual(['cache 0123.onnx', `cache ${unused}`]);
  });

  it('removes what it found, and nothing beside it', async () => {
    await makeRun(old, failed);
    await makeRun(young, completed);
    remove(findGarbage({ directory, cache, before: now - day, now }));
    expect(readdirSync(runsFolder(directory))).toEqual([young]);
  });
});

describe('removing runs', () => {
  it('states what goes and how much it is, and leaves what links lead to', async () => {
    await makeRun(young, completed);
    const outside = join(directory, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), '');
    symlinkSync(outside, join(runsFolder(directory), young, 'link'));
    writeFileSync(join(runsFolder(directory), young, 'big'), Buffer.alloc(10_000));
    const removals = planRemoval(directory, [young]);
    expect(removals).toMatchObject([{ kind: 'run', path: join(runsFolder(directory), young), reason: 'completed' }]);
    expect(removals[0]?.bytes).toBeGreaterThan(10_000);
    remove(removals);
    expect(existsSync(join(runsFolder(directory), young))).toBe(false);
    expect(existsSync(join(outside, 'precious'))).toBe(true);
  });

  it('refuses a run that is running, before anything goes', async () => {
    await makeRun(old, completed);
    await makeRun(young);
    const points = [{ overrides: {}, specHash: '', runs: [old, young] }];
    const invocation = await startInvocation({ name: 'n', file: 'f', text: '', overrides: [], points }, { directory });
    expect(() => planRemoval(directory, [old, young])).toThrow(expect.objectContaining({ code: 'FEDX_RUN_BUSY' }));
    invocation.close();
    expect(planRemoval(directory, [old, young]).map(({ kind }) => kind)).toEqual(['run', 'run', 'invocation']);
  });
});
