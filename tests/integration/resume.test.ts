import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createHost, type JournalEntry, type ResumeOptions, type RunReport, readJournal } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, joint, type Project, plugins, type Run, resultsOf } from './tiny-federation.js';

let project: Project;
let directories = 0;

/** FedAvg whose clients' share of the new model is an option of the file: another text is another plugin. */
const plugin = (share: number | string) => `import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'mine',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ aggregate: ({ global, updates }) => ({ global: p.add(global, p.scale(updates.mean(), ${share})) }) }),
});
`;

/** Draws what no resumed run can draw again. */
const careless = `import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'careless',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ aggregate: ({ global, updates }) => ({ global: p.add(global, p.scale(updates.mean(), crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32)) }) }),
});
`;

/** Keeps what no checkpoint has a form for. */
const unsavable = `import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'unsavable',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: () => ({ seen: new Map() }),
    aggregate: ({ global, state, updates }) => ({ global: p.add(global, updates.mean()), state }),
  }),
});
`;

/** Whose clients never come to the end of round 5 before there is a file. */
const waiting = (file: string) => `import { existsSync } from 'node:fs';
import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'waiting',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    broadcast: ({ round }) => ({ round }),
    client: {
      end: async ({ broadcast }) => {
        if (broadcast.round === 5 && !existsSync(${JSON.stringify(file)})) await new Promise(() => {});
        return {};
      },
    },
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});
`;

beforeAll(async () => {
  project = await createProject();
  await project.write('waiting.ts', waiting(join(project.folder, 'go')));
  await project.write('mine.ts', plugin(1));
  await project.write('careless.ts', careless);
  await project.write('unsavable.ts', unsavable);
});
afterAll(() => project.remove());

const every = (steps: number) => `checkpoint.every=${steps}`;

/** A run in a folder of its own that is interrupted once `until` says so, and what is there to go on with it. */
async function interrupted(overrides: readonly string[], until: (entry: JournalEntry) => boolean) {
  const directory = join(project.folder, `resume-${directories++}`);
  const user = new AbortController();
  const host = createHost({ plugins, directory, cache: join(project.folder, 'cache') });
  const error: unknown = await host
    .run(
      { file: join(project.folder, 'spec.yaml'), overrides },
      {
        signal: user.signal,
        onEvent: (entry) => {
          if (until(entry)) user.abort();
        },
      },
    )
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
  const [id = ''] = readdirSync(join(directory, '.fedx', 'runs'));
  const folder = join(directory, '.fedx', 'runs', id);
  const resume = (options: Partial<ResumeOptions> = {}, name = 'latest'): Promise<RunReport> =>
    createHost({ plugins, directory, cache: join(project.folder, 'cache') }).resume(name, {
      signal: new AbortController().signal,
      onEvent: () => {},
      ...options,
    });
  return { directory, error, folder, id, resume };
}

/** A run folder as {@link resultsOf} takes it. */
async function runIn(folder: string): Promise<Run> {
  const events: JournalEntry[] = [];
  for await (const entry of readJournal(join(folder, 'events.jsonl'))) events.push(entry);
  return { events, folder, programs: [] };
}

const isStep = (arm: string, step: number) => (entry: JournalEntry) =>
  entry.type === 'step-completed' && entry.arm === arm && entry.step === step;

const checkpointsOf = (folder: string, arm = 'federated'): readonly string[] =>
  readdirSync(join(folder, 'arms', arm, 'checkpoints')).toSorted();

const warningsOf = ({ events }: Run): readonly string[] =>
  events.flatMap((entry) => (entry.type === 'warning' ? [entry.message] : []));

describe('a run that is resumed', () => {
  const uniform = '{ use: uniform, clients: 3 }';
  it.each([
    ['fedavg', uniform, ['controls=[iid, centralized, local-only]']],
    ['fedavg', '{ use: power-of-choice, clients: 2, candidates: 4 }'],
    ['fedadam', uniform],
    ['fedavgm', uniform],
    ['scaffold', uniform],
    ['feddyn', uniform],
    ['ditto', uniform],
    ['fedper', uniform],
    ['fedavg', '{ use: uniform, clients: 18 }', joint],
  ])('comes to the bits of one that nothing happened to: %s, %s', async (strategy, cohort, more = []) => {
    const overrides = [`strategy.use=${strategy}`, 'server.rounds=40', `server.cohort=${cohort}`];
    const whole = await project.run([...overrides, ...more]);
    const { folder, id, error, resume } = await interrupted([...overrides, ...more, every(3)], isStep('federated', 5));
    expect(error).toMatchObject({ exitCode: 130, hint: expect.stringContaining(`fedx resume ${id}`) });
    const report = await resume();
    const run = await runIn(folder);
    expect(await resultsOf(run)).toEqual(await resultsOf(whole));
    expect(report.runs.map(({ status, steps }) => [status, steps])).toEqual(
      whole.report?.runs.map(({ steps }) => ['completed', steps]),
    );
    const resumed = run.events.find((entry) => entry.type === 'run-resumed');
    const federated = resumed?.arms.find(({ arm }) => arm === 'federated');
    expect(federated).toMatchObject({ use: 'federated', steps: 40 });
    expect(federated?.step).toBeGreaterThanOrEqual(3);
  });

  it('goes on again where it is interrupted again, from what each process left', async () => {
    const overrides = ['server.rounds=40', 'controls=[local-only]'];
    const whole = await project.run(overrides);
    const { folder, resume } = await interrupted([...overrides, every(1)], isStep('federated', 2));
    const user = new AbortController();
    await expect(
      resume({
        signal: user.signal,
        onEvent: (entry) => {
          if (isStep('federated', 4)(entry)) user.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
    await resume();
    const run = await runIn(folder);
    expect(await resultsOf(run)).toEqual(await resultsOf(whole));
    const steps = run.events.flatMap((entry) =>
      entry.type === 'step-completed' && entry.arm === 'federated' ? [entry.step] : [],
    );
    expect(steps).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('stops early where one that nothing happened to does', async () => {
    // 80 local steps a round; evaluated at every second one.
    const stop = 'server.stop={ metric: progress/local-steps, at: 2350 }';
    const overrides = ['server.rounds=60', stop, 'evaluate.every=2'];
    const whole = await project.run(overrides);
    expect(whole.report?.runs[0]).toMatchObject({ status: 'completed', steps: 30 });
    const { folder, resume } = await interrupted([...overrides, every(1)], isStep('federated', 4));
    const report = await resume();
    expect(report.runs[0]).toMatchObject({ status: 'completed', steps: 30 });
    expect(await resultsOf(await runIn(folder))).toEqual(await resultsOf(whole));
  });

  it('goes on where its time was over, even in the middle of what a client does', async () => {
    const overrides = ['plugins=[./waiting.ts]', 'strategy.use=waiting', 'server.rounds=20'];
    const { error, folder } = await project.run([...overrides, 'server.maxSeconds=4', every(1)]);
    const message = expect.stringContaining('The 4 s of server.maxSeconds are over.');
    expect(error).toMatchObject({ code: 'FEDX_RUN_OUT_OF_TIME', exitCode: 130, message });
    expect(error).toMatchObject({ hint: expect.stringContaining(`fedx resume ${basename(folder)}`) });
    const { events: before } = await runIn(folder);
    expect(before.at(-1)).toMatchObject({ type: 'run-interrupted', code: 'FEDX_RUN_OUT_OF_TIME', message });
    const seen = before.filter(({ type }) => type === 'step-completed').length;
    expect(checkpointsOf(folder).at(-1)).toBe(`round-00000${seen}`);

    await project.write('go', '');
    const host = createHost({ plugins, directory: join(folder, '../../..'), cache: join(project.folder, 'cache') });
    let ended: unknown = error;
    // A busy machine may need as long again.
    for (let i = 0; i < 10 && ended instanceof Error; i++) {
      expect(ended).toMatchObject({ code: 'FEDX_RUN_OUT_OF_TIME' });
      ended = await host
        .resume('latest', { signal: new AbortController().signal, onEvent: () => {} })
        .catch((reason: unknown) => reason);
    }
    expect(await resultsOf(await runIn(folder))).toEqual(await resultsOf(await project.run(overrides)));
  });

  it('keeps the last so many checkpoints', async () => {
    const { folder } = await project.run(['server.rounds=6', every(1), 'checkpoint.keep=3']);
    expect(checkpointsOf(folder)).toHaveLength(3);
  });

  it('starts from the beginning where there is no checkpoint, and compares what it computes again', async () => {
    const { folder, resume } = await interrupted(['server.rounds=40', every(1000)], isStep('federated', 3));
    rmSync(join(folder, 'arms'), { recursive: true, force: true });
    await resume();
    const { events } = await runIn(folder);
    expect(events.filter(({ type }) => type === 'step-completed')).toHaveLength(40);
    expect(events.filter(({ type }) => type === 'arm-started')).toHaveLength(1);
  });

  it('cuts off a torn last line, and says so', async () => {
    const { folder, resume } = await interrupted(['server.rounds=40', every(1)], isStep('federated', 3));
    appendFileSync(join(folder, 'events.jsonl'), '{"sequence":99,"type":"step-com');
    await resume();
    const run = await runIn(folder);
    expect(warningsOf(run)).toEqual([expect.stringMatching(/torn last line of 31 bytes/)]);
    expect(run.events.at(-1)).toMatchObject({ type: 'run-completed' });
  });
});

describe('a checkpoint that is damaged', () => {
  const overrides = ['server.rounds=40', every(2)];

  it.each([
    ['state.json', 'cut'],
    ['tensors.safetensors', 'flipped'],
  ])('in %s (%s) is recognised, and the one before is used', async (file, how) => {
    const { folder, resume } = await interrupted(overrides, isStep('federated', 5));
    const [older = '', newest = ''] = checkpointsOf(folder).slice(-2);
    const path = join(folder, 'arms', 'federated', 'checkpoints', newest, file);
    const bytes = readFileSync(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 4;
    writeFileSync(path, how === 'cut' ? bytes.subarray(0, middle) : bytes);
    await resume();
    const run = await runIn(folder);
    expect(warningsOf(run)).toEqual([expect.stringContaining(newest)]);
    expect(warningsOf(run)[0]).toContain(`step ${Number(older.slice('round-'.length))} is used`);
    expect(await resultsOf(run)).toEqual(await resultsOf(await project.run(overrides)));
  });
});

describe('what cannot be resumed', () => {
  const mine = ['plugins=[./mine.ts]', 'strategy.use=mine', 'server.rounds=40', every(2)];

  it('is a run whose plugin file changed, unless forced', async () => {
    const { folder, resume } = await interrupted(mine, isStep('federated', 3));
    const before = readFileSync(join(folder, 'events.jsonl'));
    await project.write('mine.ts', plugin(0.5));
    await expect(resume()).rejects.toMatchObject({
      code: 'FEDX_RESUME_CHANGED',
      message: expect.stringContaining('the plugin ./mine.ts'),
      place: { plugin: './mine.ts' },
    });
    expect(readFileSync(join(folder, 'events.jsonl'))).toEqual(before);
    const report = await resume({ force: true });
    expect(report.runs[0]?.status).toBe('completed');
    expect(warningsOf(await runIn(folder))[0]).toContain('the plugin ./mine.ts');
    await project.write('mine.ts', plugin(1));
  });

  it('is a run of which a file that its plugin imports changed', async () => {
    const factor = (value: number) => project.write('factor.ts', `export const factor = ${value};\n`);
    await factor(1);
    await project.write('importing.ts', `import { factor } from './factor';\n${plugin('factor')}`);
    const { resume } = await interrupted(
      ['plugins=[./importing.ts]', 'strategy.use=mine', 'server.rounds=40', every(2)],
      isStep('federated', 3),
    );
    await factor(0.5);
    await expect(resume()).rejects.toMatchObject({
      code: 'FEDX_RESUME_CHANGED',
      message: expect.stringContaining('the plugin ./importing.ts'),
    });
  });

  it('is a run whose trace of who is there changed, unless forced', async () => {
    const trace = (last: number) => `client,from,to\n0,1,1\n1,1,${last}\n2,1,40\n`;
    await project.write('trace.csv', trace(40));
    const cohort = 'server.cohort={ use: availability, path: ./trace.csv }';
    const { folder, resume } = await interrupted([cohort, 'server.rounds=40', every(2)], isStep('federated', 3));
    await project.write('trace.csv', trace(30));
    await expect(resume()).rejects.toMatchObject({
      code: 'FEDX_RESUME_CHANGED',
      message: expect.stringContaining('the file of server.cohort.path') as string,
    });
    const report = await resume({ force: true });
    expect(report.runs[0]?.status).toBe('completed');
    expect(warningsOf(await runIn(folder))[0]).toContain('the file of server.cohort.path');
  });

  it.each([
    ['fedx', '0.0.0', 'the version of fedx (0.0.0 is now'],
    ['data', 'f'.repeat(64), 'the data'],
    ['specHash', 'f'.repeat(64), 'the spec'],
  ])('is a run whose %s is another', async (key, value, named) => {
    const { folder, resume } = await interrupted(['server.rounds=40'], isStep('federated', 2));
    const file = join(folder, 'environment.json');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), [key]: value }));
    await expect(resume()).rejects.toMatchObject({
      code: 'FEDX_RESUME_CHANGED',
      message: expect.stringContaining(named),
    });
  });

  it('is a run that draws anew: the first value that differs is named, and nothing wrong is kept', async () => {
    const overrides = ['plugins=[./careless.ts]', 'strategy.use=careless', 'server.rounds=40', every(2)];
    const { folder, resume } = await interrupted(overrides, isStep('federated', 5));
    rmSync(join(folder, 'arms'), { recursive: true, force: true });
    const differs = {
      code: 'FEDX_RESUME_DIFFERS',
      message: expect.stringMatching(/Step 1 of arm federated .* where the journal has/),
    };
    await expect(resume()).rejects.toMatchObject(differs);
    await expect(resume()).rejects.toMatchObject(differs);
    expect((await resume({ force: true })).runs[0]?.status).toBe('completed');
    expect(warningsOf(await runIn(folder))).toEqual([expect.stringMatching(/Step 1 of arm federated/)]);
  });

  it('is a run that another process works on', async () => {
    const { resume } = await interrupted(['server.rounds=40'], isStep('federated', 2));
    const ends = await Promise.allSettled([resume(), resume(), resume()]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) {
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'FEDX_RUN_BUSY' });
    }
  });

  it('says from the start where a state has no form in a checkpoint', async () => {
    const run = await project.run(['plugins=[./unsavable.ts]', 'strategy.use=unsavable', every(1)]);
    expect(run.error).toBeUndefined();
    expect(warningsOf(run)).toEqual([expect.stringContaining('state.state.seen is a Map')]);
    expect(existsSync(join(run.folder, 'arms', 'federated', 'checkpoints'))).toBe(false);
  });
});
