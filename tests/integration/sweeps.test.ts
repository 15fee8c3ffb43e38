import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type JournalEntry, type PointEvent, type RunOptions, type RunReport } from '@fedx/core/host';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type Project, plugins, resultsOf } from './tiny-federation.js';

let project: Project;
let invocations = 0;
let directory = '';

beforeAll(async () => {
  project = await createProject();
});
beforeEach(() => {
  directory = join(project.folder, `invocation-${invocations++}`);
});
afterAll(() => project.remove());

const rate = 'client.optimizer.learningRate';

/** What an invocation told while it ran: the entries of each run, by run. */
interface Told {
  readonly entries: Map<string, JournalEntry[]>;
  readonly points: PointEvent[];
}

/** Runs a sweep of the tiny spec, or resumes one; `listen` may interfere. */
async function invoke(
  start: { readonly overrides: readonly string[]; readonly seeds?: number } | { readonly resume: string },
  { listen, signal }: { listen?: (entry: JournalEntry, id: string) => void; signal?: AbortSignal } = {},
): Promise<Told & { readonly report?: RunReport; readonly error?: unknown }> {
  const host = createHost({ plugins, directory, cache: join(project.folder, 'cache') });
  const told: Told = { entries: new Map(), points: [] };
  let current: JournalEntry[] = [];
  let run = '';
  const options: RunOptions = {
    signal: signal ?? new AbortController().signal,
    onEvent: (entry) => {
      if (entry.type === 'run-started') {
        current = [];
        run = entry.run;
        told.entries.set(run, current);
      }
      current.push(entry);
      listen?.(entry, run);
    },
    onPoint: (event) => told.points.push(event),
  };
  try {
    const report =
      'resume' in start
        ? await host.resume(start.resume, options)
        : await host.run({ file: join(project.folder, 'spec.yaml'), ...start }, options);
    return { ...told, report };
  } catch (error) {
    return { ...told, error };
  }
}

const runFolder = (run: string): string => join(directory, '.fedx', 'runs', run);
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const recordFile = (invocation: string): string => join(directory, '.fedx', 'invocations', `${invocation}.json`);

describe('a sweep', () => {
  it('gives each point the bits that it has alone, whatever ran before it on the same engine', async () => {
    const controls = 'controls=[iid, centralized, local-only]';
    const { entries, report } = await invoke({ overrides: [controls, `sweep={${rate}: [0.1, 0.05], seed: [5, 6]}`] });
    expect(report?.failures).toEqual([]);
    expect(report?.runs).toHaveLength(16);
    const points = [
      [0.1, 5],
      [0.1, 6],
      [0.05, 5],
      [0.05, 6],
    ] as const;
    const runs = [...entries.keys()];
    for (const [index, [learningRate, seed]] of points.entries()) {
      const run = runs[index] ?? '';
      const alone = await project.run([controls, `${rate}=${learningRate}`, `seed=${seed}`]);
      const swept = { events: entries.get(run) ?? [], folder: runFolder(run), programs: [] };
      expect(await resultsOf(swept)).toEqual(await resultsOf(alone));
    }
  });

  describe('of what its controls do not see', () => {
    const controls = 'controls=[iid, centralized, { use: local-only, name: alone }]';
    const swept =
      'sweep={strategy.use: [fedavg, scaffold], server.cohort: [{ use: all }, { use: uniform, share: 0.5 }], seed: [5, 6]}';
    /** Arms that were not trained, and the run that had them, both by their place among the runs. */
    const repeated = (entries: Told['entries']) =>
      [...entries.values()].map((own) =>
        own.flatMap((entry) =>
          entry.type === 'arm-started' && entry.repeats !== undefined
            ? [`${entry.arm} ${[...entries.keys()].indexOf(entry.repeats)}`]
            : [],
        ),
      );

    it('trains each control once, and gives every point the bits that it has alone', async () => {
      const { entries, error, report } = await invoke({ overrides: [controls, swept] });
      expect(error).toBeUndefined();
      expect(report?.failures).toEqual([]);
      expect(repeated(entries).map((arms) => arms.toSorted())).toEqual([
        [],
        [],
        // A centralized control has the epochs that a federation looks at, of which half the clients make half.
        ['alone 0'],
        ['alone 1'],
        ['alone 0', 'centralized 0'],
        ['alone 1', 'centralized 1'],
        ['alone 0', 'centralized 2'],
        ['alone 1', 'centralized 3'],
      ]);
      const run = [...entries.keys()][7] ?? '';
      const last = ['strategy.use=scaffold', 'server.cohort={ use: uniform, share: 0.5 }', 'seed=6'];
      const alone = await project.run([controls, ...last]);
      expect(await resultsOf({ events: entries.get(run) ?? [], folder: runFolder(run), programs: [] })).toEqual(
        await resultsOf(alone),
      );
      const model = (folder: string) => readFileSync(join(folder, 'arms/centralized/model/model.onnx'));
      expect(model(runFolder(run))).toEqual(model(alone.folder));
    });

    it('trains a control once more whose model is not there any more', async () => {
      const listen = ({ type }: JournalEntry, run: string) => {
        if (type === 'run-completed') rmSync(join(runFolder(run), 'arms'), { recursive: true });
      };
      const { entries, report } = await invoke(
        { overrides: [controls, 'sweep={strategy.use: [fedavg, scaffold]}'] },
        { listen },
      );
      expect(report?.failures).toEqual([]);
      expect(repeated(entries)).toEqual([[], ['alone 0']]);
    });

    it.each([
      'client.optimizer.learningRate: [0.1, 0.2]',
      'client.batchSize: [8, 4]',
      'model.hidden: [[20], [10]]',
      'partition.clients: [5, 4]',
      'seeds.init: [1, 2]',
      'evaluate.every: [1, 2]',
      'server.rounds: [3, 2]',
    ])('trains both where it sees a difference: %s', async (axis) => {
      const { entries, report } = await invoke({ overrides: [controls, `sweep={${axis}}`] });
      expect(report?.failures).toEqual([]);
      expect(repeated(entries)).toEqual([[], []]);
    });
  });

  it('says of each arm and run which point it is, in the report, the journal and the environment', async () => {
    const { entries, points, report } = await invoke({ overrides: ['server.rounds=1', `sweep={${rate}: [0.1, 0.2]}`] });
    const overrides = [0.1, 0.2].map((value) => ({ 'server.rounds': 1, [rate]: value }));
    expect(report?.runs.map((arm) => arm.overrides)).toEqual(overrides);
    expect([...entries.values()].map(([first]) => first)).toMatchObject(
      overrides.map((each) => ({ type: 'run-started', invocation: report?.invocation, seed: 5, overrides: each })),
    );
    for (const run of entries.keys()) {
      expect(readJson(join(runFolder(run), 'environment.json'))).toMatchObject({ invocation: report?.invocation });
    }
    expect(points).toEqual([
      { type: 'started', number: 1, of: 2, overrides: { [rate]: 0.1 } },
      { type: 'started', number: 2, of: 2, overrides: { [rate]: 0.2 } },
    ]);
    expect(readJson(recordFile(report?.invocation ?? ''))).toMatchObject({
      points: [...entries.keys()].map((run) => ({ runs: [run] })),
    });
  });

  it('lists a run alone as an invocation of one point', async () => {
    const { report } = await invoke({ overrides: ['server.rounds=1'] });
    expect(readJson(recordFile(report?.invocation ?? ''))).toMatchObject({
      points: [{ overrides: {}, runs: [report?.runs[0]?.id] }],
    });
  });

  it('goes on after a point that fails, on an engine of its own', async () => {
    const { points, report } = await invoke({
      overrides: ['controls=[centralized]', `sweep={${rate}: [1e30, 0.1], seed: [5, 6]}`],
    });
    expect(report?.failures).toMatchObject([
      { code: 'FEDX_RUN_DIVERGED', overrides: { [rate]: 1e30, seed: 5 }, directory: expect.stringContaining('.fedx') },
      { code: 'FEDX_RUN_DIVERGED', overrides: { [rate]: 1e30, seed: 6 } },
    ]);
    const statuses = report?.runs.filter(({ arm }) => arm === 'federated').map(({ status }) => status);
    expect(statuses).toEqual([
      expect.stringMatching(/failed|interrupted/),
      expect.any(String),
      'completed',
      'completed',
    ]);
    expect(points.filter(({ type }) => type === 'failed')).toHaveLength(2);
  });

  it('goes on after a point that fails before it has a folder', async () => {
    const { report } = await invoke({ overrides: ['server.rounds=1', 'sweep={partition.clients: [5000, 5]}'] });
    expect(report?.failures).toMatchObject([{ code: 'FEDX_PARTITION_IMPOSSIBLE' }]);
    expect(report?.failures[0]).not.toHaveProperty('directory');
    expect(report?.runs).toMatchObject([{ status: 'completed', overrides: { 'partition.clients': 5 } }]);
  });

  it('evaluates the expectations of each point, and says of which run', async () => {
    const expectation = 'expect=[{ arm: federated, metric: progress/local-steps, within: [1, 100000] }]';
    const { report } = await invoke({ overrides: ['server.rounds=1', expectation], seeds: 2 });
    expect(report?.expectations.map(({ run, pass }) => [run, pass])).toEqual(report?.runs.map(({ id }) => [id, true]));
    expect(report?.runs.map(({ seed }) => seed)).toEqual([5, 6]);
  });
});

describe('resuming an invocation', () => {
  const overrides = ['server.rounds=30', `sweep={${rate}: [0.1, 0.2, 0.3]}`];

  /** Interrupts the second of the three points. */
  async function interruptedInvocation() {
    const user = new AbortController();
    let started = 0;
    const listen = (entry: JournalEntry): void => {
      if (entry.type === 'run-started' && ++started === 2) user.abort();
    };
    const ended = await invoke({ overrides }, { listen, signal: user.signal });
    const [id = ''] = readdirSync(join(directory, '.fedx', 'invocations')).map((name) => name.replace('.json', ''));
    return { ...ended, id };
  }

  it('goes on with the run that was interrupted, passes over what completed, and reports on all', async () => {
    const { error, entries: before, id } = await interruptedInvocation();
    expect(error).toMatchObject({
      code: 'FEDX_RUN_INTERRUPTED',
      message: expect.stringContaining('Point 2 of 3'),
      hint: `fedx resume ${id} goes on with it, and with the points that are missing.`,
    });

    const { entries, points, report } = await invoke({ resume: 'latest' });
    expect(points.map(({ type }) => type)).toEqual(['skipped', 'started', 'started']);
    expect(report?.runs.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    expect(report?.runs.map((arm) => arm.overrides[rate])).toEqual([0.1, 0.2, 0.3]);
    expect(report?.runs[0]?.id).toBe([...before.keys()][0]);
    expect(readJson(recordFile(id))).toMatchObject({
      points: [...before.keys(), ...entries.keys()].map((run) => ({ runs: [run] })),
    });

    const again = await invoke({ resume: id.slice(0, -2) });
    expect(again.report).toEqual(report);
    expect(again.entries.size).toBe(0);
  });

  it('keeps to the spec as it was when the invocation began', async () => {
    const { id } = await interruptedInvocation();
    const file = join(project.folder, 'spec.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('epochs: 2', 'epochs: 1'));
    const { report } = await invoke({ resume: id });
    writeFileSync(file, text);
    const steps = report?.runs.map(({ metrics }) => metrics['progress/local-steps']?.last);
    expect(new Set(steps).size).toBe(1);
  });

  it('refuses where the spec resolves to something else', async () => {
    const { id } = await interruptedInvocation();
    const text = readFileSync(recordFile(id), 'utf8');
    writeFileSync(recordFile(id), text.replace('epochs: 2', 'epochs: 1'));
    const { error } = await invoke({ resume: id });
    expect(error).toMatchObject({
      code: 'FEDX_RESUME_CHANGED',
      message: expect.stringContaining(`${rate}=0.1`),
    });
  });

  it('refuses what a process still works on', async () => {
    let refusal: Promise<unknown> | undefined;
    const { report } = await invoke(
      { overrides: ['server.rounds=1'] },
      {
        listen: (entry) => {
          if (entry.type !== 'run-started') return;
          refusal = createHost({ plugins, directory })
            .resume('latest', { signal: new AbortController().signal, onEvent: () => {} })
            .catch((error: unknown) => error);
        },
      },
    );
    expect(report?.failures).toEqual([]);
    expect(await refusal).toMatchObject({
      code: 'FEDX_RUN_BUSY',
      message: expect.stringContaining(String(process.pid)),
    });
  });

  it.each([
    ['nowhere', 'There is no run or invocation "nowhere"'],
    ['2', 'is the beginning of 2 ids'],
  ])('says where %j is nothing to resume', async (name, message) => {
    await invoke({ overrides: ['server.rounds=1'] });
    await invoke({ overrides: ['server.rounds=1'] });
    const { error } = await invoke({ resume: name });
    expect(error).toMatchObject({ code: 'FEDX_RUN_NOT_FOUND', message: expect.stringContaining(message) });
  });

  it('goes on with a single run of it where that is named', async () => {
    const { id, entries: before } = await interruptedInvocation();
    const run = [...before.keys()][1] ?? '';
    const { points, report } = await invoke({ resume: run });
    expect(points.map(({ number }) => number)).toEqual([2]);
    expect(report).toMatchObject({ invocation: id, runs: [{ id: run, status: 'completed' }] });
  });
});
