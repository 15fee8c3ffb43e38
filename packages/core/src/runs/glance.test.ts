import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from './events.js';
import { findInvocation, findResumable, findRun, selectRuns } from './find.js';
import { glanceAtRun, listRunIds, runsFolder } from './glance.js';
import { startInvocation } from './invocation.js';
import { openJournal } from './journal.js';
import { listRuns } from './list.js';
import { readRun } from './read-run.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-glance-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const started = (id: string, more: Partial<Extract<RunEvent, { type: 'run-started' }>> = {}): RunEvent => ({
  type: 'run-started',
  run: id,
  name: 'n',
  engine: 'onnx',
  workers: 2,
  arms: ['federated', 'iid'],
  seed: 7,
  overrides: { 'strategy.mu': 0.1 },
  ...more,
});
const step = (round: number, accuracy = round / 100, arm = 'federated'): RunEvent => ({
  type: 'step-completed',
  arm,
  step: round,
  metrics: { 'test/accuracy': accuracy },
});
const completed: RunEvent = { type: 'run-completed', seconds: 2 };

/** Makes a run folder whose journal has these events, a second apart. */
async function makeRun(id: string, events: readonly RunEvent[]): Promise<string> {
  const folder = join(runsFolder(directory), id);
  mkdirSync(folder, { recursive: true });
  let time = Date.UTC(2026, 10, 23, 9, 32, 1);
  const journal = await openJournal(join(folder, 'events.jsonl'), { clock: () => (time += 1000) });
  for (const event of events) journal.append(event);
  await journal.close();
  return folder;
}

const id = (second: number, name = 'n'): string => `20261123-0932${String(second).padStart(2, '0')}-${name}-00ff`;

describe('a glance at a run', () => {
  it('tells what it was and how it ended', async () => {
    await makeRun(id(1), [started(id(1)), step(1), step(2), completed]);
    expect(glanceAtRun(directory, id(1))).toEqual({
      id: id(1),
      name: 'n',
      status: 'completed',
      started: Date.UTC(2026, 10, 23, 9, 32, 2),
      seconds: 3,
      arms: ['federated', 'iid'],
      seed: 7,
      overrides: { 'strategy.mu': 0.1 },
      latest: { federated: { step: 2, metrics: { 'test/accuracy': 0.02 } } },
    });
  });

  it('tells the same of a journal far longer than what it reads', async () => {
    const steps = Array.from({ length: 3000 }, (_, index) => step(index + 1));
    await makeRun(id(1), [started(id(1)), ...steps, completed]);
    const { latest, seconds, status } = glanceAtRun(directory, id(1));
    expect(status).toBe('completed');
    expect(seconds).toBe(3001);
    expect(latest['federated']).toEqual({ step: 3000, metrics: { 'test/accuracy': 30 } });
  });

  it.each<[string, RunEvent]>([
    ['failed', { type: 'run-failed', code: 'FEDX_RUN_DIVERGED', message: 'm', place: {} }],
    ['interrupted', { type: 'run-interrupted' }],
    ['unfinished', step(1)],
  ])('finds it %s', async (status, last) => {
    await makeRun(id(1), [started(id(1)), last]);
    expect(glanceAtRun(directory, id(1)).status).toBe(status);
  });

  it('finds it running while its invocation is, with or without a journal', async () => {
    const invocation = await startInvocation(
      { name: 'n', file: 'f', text: '', overrides: [], points: [{ overrides: {}, specHash: '', runs: [] }] },
      { directory },
    );
    await makeRun(id(1), [started(id(1), { invocation: invocation.id })]);
    await makeRun(id(2), []);
    await makeRun(id(3), []);
    await invocation.addRun(0, id(2));
    const statuses = () => [1, 2, 3].map((second) => glanceAtRun(directory, id(second)).status);
    expect(statuses()).toEqual(['running', 'running', 'unfinished']);
    invocation.close();
    expect(statuses()).toEqual(['unfinished', 'unfinished', 'unfinished']);
  });

  it('survives journals that are torn anywhere, empty or missing', async () => {
    const folder = await makeRun(id(1), [started(id(1)), step(1), completed]);
    const file = join(folder, 'events.jsonl');
    const { size } = await import('node:fs').then(({ statSync }) => statSync(file));
    for (let length = size - 1; length >= 0; length -= 7) {
      truncateSync(file, length);
      expect(glanceAtRun(directory, id(1))).toMatchObject({ id: id(1), name: 'n', status: 'unfinished' });
    }
    rmSync(file);
    expect(glanceAtRun(directory, id(1))).toMatchObject({ started: Date.UTC(2026, 10, 23, 9, 32, 1), arms: [] });
  });

  it('passes over what others put there', async () => {
    await makeRun(id(1), [started(id(1))]);
    mkdirSync(join(runsFolder(directory), 'my notes'));
    writeFileSync(join(runsFolder(directory), '.DS_Store'), '');
    expect(listRunIds(directory)).toEqual([id(1)]);
    expect(listRunIds(join(directory, 'nowhere'))).toEqual([]);
  });
});

describe('reading a whole run', () => {
  it('gives what there is, up to the first damage', async () => {
    const folder = await makeRun(id(1), [started(id(1)), step(1), completed]);
    writeFileSync(join(folder, 'environment.json'), '{"fedx":"0.1.0"}');
    writeFileSync(join(folder, 'partition.json'), 'no json');
    const whole = await readRun(directory, id(1));
    expect(whole.entries).toHaveLength(3);
    expect(whole.environment).toEqual({ fedx: '0.1.0' });
    expect(whole).not.toHaveProperty('partition');
    expect(whole).not.toHaveProperty('damage');
    expect(whole.arms).toMatchObject([
      { arm: 'federated', seed: 7, overrides: { 'strategy.mu': 0.1 } },
      { arm: 'iid' },
    ]);

    const file = join(folder, 'events.jsonl');
    const { readFileSync } = await import('node:fs');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"step":1', '"step":9'));
    const damaged = await readRun(directory, id(1));
    expect(damaged.entries).toHaveLength(1);
    expect(damaged.damage).toContain('Line 2');
  });
});

describe('the list of runs', () => {
  beforeEach(async () => {
    await makeRun(id(1, 'a'), [started(id(1, 'a'), { name: 'a' }), step(1, 0.5), completed]);
    await makeRun(id(2, 'b'), [started(id(2, 'b'), { name: 'b', arms: ['federated'] }), step(1, 0.9), step(2, 0.7)]);
    await makeRun(id(3, 'c'), []);
  });

  const ids = (...args: Parameters<typeof listRuns> extends [string, ...infer Rest] ? Rest : never) =>
    listRuns(directory, ...args).runs.map(({ name }) => name);

  it('has the newest first, and says how many there are', () => {
    expect(ids()).toEqual(['c', 'b', 'a']);
    expect(listRuns(directory, {}, { limit: 2 })).toMatchObject({ total: 3, runs: [{ name: 'c' }, { name: 'b' }] });
  });

  it.each([
    [{ name: 'a' }, ['a']],
    [{ name: '[ab]' }, []],
    [{ name: '?' }, ['b', 'a', 'c']],
    [{ status: 'completed' as const }, ['a']],
    [{ arm: 'iid' }, ['a']],
    [{ since: Date.UTC(2026, 10, 23, 9, 32, 2), until: Date.UTC(2026, 10, 23, 9, 32, 2) }, ['b', 'a']],
    [{ until: 0 }, []],
    [{ invocation: 'x' }, []],
  ])('can be filtered: %j', (filter, names) => {
    expect(ids(filter).toSorted()).toEqual(names.toSorted());
  });

  it('can be sorted, either way', () => {
    expect(ids({}, { sort: 'name' })).toEqual(['a', 'b', 'c']);
    expect(ids({}, { sort: 'accuracy' })).toEqual(['b', 'a', 'c']);
    expect(ids({}, { sort: 'seconds', reverse: true })).toEqual(['c', 'a', 'b']);
    expect(ids({}, { sort: 'status' })[0]).toBe('a');
  });
});

describe('naming runs', () => {
  it('takes ids, beginnings of one, latest, patterns, folders and invocations', async () => {
    for (const second of [1, 2, 3]) await makeRun(id(second), [started(id(second)), completed]);
    const invocation = await startInvocation(
      { name: 'n', file: 'f', text: '', overrides: [], points: [{ overrides: {}, specHash: '', runs: [] }] },
      { directory },
    );
    await invocation.addRun(0, id(1));
    await invocation.addRun(0, '20200101-000000-gone-0000');
    invocation.close();
    expect(findRun(directory, 'latest')).toBe(id(3));
    expect(findRun(directory, '20261123-093202')).toBe(id(2));
    expect(findRun(directory, `.fedx/runs/${id(2)}`)).toBe(id(2));
    expect(findResumable(directory, `.fedx/runs/${id(1)}`)).toEqual({ invocation: invocation.id, run: id(1) });
    expect(findInvocation(directory, 'latest')).toBe(invocation.id);
    expect(selectRuns(directory, [id(2), '20261123-093202'])).toEqual([id(2)]);
    expect(selectRuns(directory, ['*-n-*', id(1)])).toEqual([1, 2, 3].map((second) => id(second)));
    expect(selectRuns(directory, [`.fedx/runs/${id(1)}/`])).toEqual([id(1)]);
    expect(selectRuns(directory, [invocation.id])).toEqual([id(1)]);
  });

  it.each(['', '..', '../..', '20261123', 'nothing*', '/etc', `.fedx/runs/nothing`])('refuses %j', async (name) => {
    await makeRun(id(1), []);
    await makeRun(id(2), []);
    expect(() => selectRuns(directory, [name])).toThrow(expect.objectContaining({ code: 'FEDX_RUN_NOT_FOUND' }));
    expect(() => findRun(directory, name)).toThrow(expect.objectContaining({ code: 'FEDX_RUN_NOT_FOUND' }));
  });
});
