import { join } from 'node:path';
import { type JournalEntry, type RunList, type RunReport, readJournal } from '@fedx/core/host';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFedx } from '../e2e/fedx.js';
import { createProject, type Project, resultsOf } from '../integration/tiny-federation.js';

let project: Project;

beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.remove());

it('runs that start in one folder at once, with nothing in its cache, do not notice each other', async () => {
  const args = ['run', 'spec.yaml', 'server.rounds=20', 'checkpoint.every=2', 'controls=[local-only]', '--json'];
  const ends = await Promise.all([0, 1, 2].map(() => startFedx(args, project.folder).ended));
  expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([0, 1, 2].map(() => [0, '']));
  const folders = ends.map(({ stdout }) => (JSON.parse(stdout) as RunReport).runs[0]?.directory ?? '');
  expect(new Set(folders).size).toBe(3);
  const results = await Promise.all(
    folders.map(async (name) => {
      const folder = join(project.folder, name);
      const events: JournalEntry[] = [];
      for await (const entry of readJournal(join(folder, 'events.jsonl'))) events.push(entry);
      return resultsOf({ events, folder, programs: [] });
    }),
  );
  const whole = await resultsOf(await project.run(args.slice(2, -1)));
  expect(results).toEqual([whole, whole, whole]);
  const listed = JSON.parse((await startFedx(['runs', '--json'], project.folder).ended).stdout) as RunList;
  expect(listed.runs.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
});
