import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHost, type JournalEntry, readJournal } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project, plugins, type Run } from './tiny-federation.js';

/** Sinks of every manner, in one file; each call is noted before it does anything. */
const sinks = `import { appendFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineSink } from '@fedx/core';
const options = { type: 'object', additionalProperties: false, properties: { to: { type: 'string', format: 'path' } } };
const sink = (name, sinkOf) => defineSink({
  name,
  options,
  create: ({ to }, context) => {
    const note = (call, events) =>
      appendFile(resolve(context.directory, to), JSON.stringify({ call, events, run: context.run, folder: context.folder }) + '\\n');
    return sinkOf(note, context);
  },
});
export default [
  sink('keeps', (note) => ({ write: (events) => note('write', events), end: () => note('end') })),
  sink('spoils', (note) => ({
    write: (events) => {
      for (const event of events) for (const key of Object.keys(event)) delete event[key];
    },
  })),
  sink('throws', (note) => ({
    write: async () => {
      await note('write');
      throw new TypeError('no such thing as token=s3cr3t-v4lue');
    },
    end: () => note('end'),
  })),
  sink('no-start', () => Promise.reject(new RangeError('out of reach'))),
  sink('hangs', (note, { signal }) => {
    signal.addEventListener('abort', () => void note('aborted'));
    return { write: () => note('write').then(() => new Promise(() => {})), end: () => note('end') };
  }),
];
`;

interface Call {
  readonly call: string;
  readonly events?: readonly JournalEntry[];
  readonly run: string;
  readonly folder: string;
}

let project: Project;

beforeAll(async () => {
  project = await createProject();
  await project.write('sinks.mjs', sinks);
});

afterAll(() => project.remove());

const chosen = (...names: readonly string[]): readonly string[] => [
  'plugins=[./sinks.mjs]',
  `tracking={ mlflow: off, sinks: [${names.map((name) => `{ use: ${name}, to: ./${name}.jsonl }`).join()}] }`,
];

async function callsOf(name: string): Promise<readonly Call[]> {
  const text = await readFile(join(project.folder, `${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Call);
}

async function journalOf(folder: string): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(join(folder, 'events.jsonl'))) entries.push(entry);
  return entries;
}

const given = (calls: readonly Call[]): readonly JournalEntry[] => calls.flatMap(({ events = [] }) => events);

describe('the sinks of a spec', () => {
  describe('of which some throw and one never returns', () => {
    let run: Run;
    let problems: ReadonlyMap<string, string>;

    beforeAll(async () => {
      run = await project.run([...chosen('keeps', 'spoils', 'throws', 'no-start', 'hangs'), 'controls=[iid]']);
      problems = new Map(run.report?.sinkFailures?.map(({ sink, problem }) => [sink, problem]));
    }, 60_000);

    it('are given exactly the events of the journal, in order, and then end', async () => {
      const calls = await callsOf('keeps');
      const journal = await journalOf(run.folder);
      expect(journal.map(({ type }) => type)).toEqual(expect.arrayContaining(['run-started', 'run-completed']));
      expect(given(calls)).toEqual(journal);
      expect(calls.map(({ call }) => call)).toEqual([...calls.slice(1).map(() => 'write'), 'end']);
      expect(calls[0]).toMatchObject({ folder: run.folder, run: run.report?.runs[0]?.id });
    });

    it('neither fail the run nor change what others are given of it', () => {
      expect(run.report?.runs.map(({ status }) => status)).toEqual(['completed', 'completed']);
      expect([...problems.keys()]).toEqual(['throws', 'no-start', 'hangs']);
      expect(run.events.every(({ sequence }, index) => sequence === index + 1)).toBe(true);
    });

    it('are named where they throw, with what they threw, and are called no more but to end', async () => {
      expect(problems.get('throws')).toMatch(/^The plugin throws failed to take events: no such thing/);
      expect(problems.get('no-start')).toBe('The plugin no-start failed to start: out of reach');
      expect((await callsOf('throws')).map(({ call }) => call)).toEqual(['write', 'end']);
    });

    it('are told when the time is up, and named, where they never return', async () => {
      expect(problems.get('hangs')).toBe('The sink hangs did not take everything in time.');
      expect((await callsOf('hangs')).map(({ call }) => call)).toEqual(['write', 'aborted']);
    });
  });

  it('are given the whole journal once more where a run goes on', async () => {
    const directory = join(project.folder, 'resumed');
    const host = createHost({ plugins, directory, cache: join(project.folder, 'cache') });
    const user = new AbortController();
    const before = (await callsOf('keeps')).length;
    const request = { file: join(project.folder, 'spec.yaml'), overrides: [...chosen('keeps'), 'checkpoint.every=1'] };
    const onEvent = ({ type }: JournalEntry) => {
      if (type === 'step-completed') user.abort();
    };
    await expect(host.run(request, { signal: user.signal, onEvent })).rejects.toMatchObject({
      code: 'FEDX_RUN_INTERRUPTED',
    });
    const interrupted = (await callsOf('keeps')).slice(before);
    expect(given(interrupted).at(-1)?.type).toBe('run-interrupted');
    const report = await host.resume('latest', { signal: new AbortController().signal, onEvent: () => undefined });
    expect(report.sinkFailures).toBeUndefined();
    const resumed = (await callsOf('keeps')).slice(before + interrupted.length);
    const journal = await journalOf(join(directory, '.fedx', 'runs', report.runs[0]?.id ?? ''));
    expect(given(resumed)).toEqual(journal);
    expect(given(interrupted)).toEqual(journal.slice(0, given(interrupted).length));
  });
});
