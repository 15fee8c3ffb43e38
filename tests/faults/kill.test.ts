import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalEntry, readJournal } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFedx } from '../e2e/fedx.js';
import { createProject, type Project, resultsOf } from '../integration/tiny-federation.js';

/** Kills; `npm run test:faults` asks for more. */
const KILLS = Number(process.env['FEDX_FAULT_KILLS'] ?? 6);

const overrides = [
  'strategy.use=scaffold',
  'server.rounds=150',
  'server.cohort={ use: uniform, clients: 3 }',
  'controls=[iid, centralized, local-only]',
  'checkpoint.every=7',
  'evaluate.every=3',
];

let project: Project;

beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.remove());

const runsIn = (): readonly string[] => {
  const runs = join(project.folder, '.fedx', 'runs');
  return existsSync(runs) ? readdirSync(runs).toSorted() : [];
};

const linesOf = (folder: string): number => {
  const journal = join(folder, 'events.jsonl');
  return existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 1 : 0;
};

async function entriesOf(folder: string): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(join(folder, 'events.jsonl'))) entries.push(entry);
  return entries;
}

/** Runs a command and kills it, without a chance to say anything, once the journal has so many more lines. */
async function killed(args: readonly string[], folder: () => string, lines: number): Promise<boolean> {
  const { child, ended } = startFedx(args, project.folder);
  const before = linesOf(folder());
  while (child.exitCode === null && linesOf(folder()) < before + lines)
    await new Promise((resolve) => setTimeout(resolve, 1));
  const wasRunning = child.exitCode === null;
  child.kill('SIGKILL');
  await ended;
  return wasRunning;
}

describe('a run that is killed again and again', () => {
  it('comes to the bits of one that nothing happened to, and loses and doubles no step', {
    timeout: 300_000 + 60_000 * KILLS,
  }, async () => {
    const whole = await project.run(overrides);
    let kills = 0;
    const folder = (): string => join(project.folder, '.fedx', 'runs', runsIn()[0] ?? 'none');
    // Moments that differ from kill to kill, and from run to run of this test.
    const lines = (): number => 1 + Math.floor(Math.random() * Math.ceil(600 / KILLS));
    if (await killed(['run', 'spec.yaml', ...overrides], folder, lines())) kills++;
    let held = await entriesOf(folder());
    while (kills < KILLS && !held.some(({ type }) => type === 'run-completed')) {
      if (await killed(['resume', 'latest'], folder, lines())) kills++;
      const now = await entriesOf(folder());
      expect(now.slice(0, held.length)).toEqual(held);
      held = now;
    }
    const { exitCode, stderr } = await startFedx(['resume', runsIn()[0] ?? ''], project.folder).ended;
    expect({ exitCode, stderr: stderr.replaceAll(/^warning: A torn last line.*\n/gm, '') }).toEqual({
      exitCode: 0,
      stderr: '',
    });
    const events = await entriesOf(folder());
    expect(await resultsOf({ events, folder: folder(), programs: [] })).toEqual(await resultsOf(whole));
    for (const { arm, steps } of whole.report?.runs ?? []) {
      const seen = events.flatMap((entry) =>
        entry.type === 'step-completed' && entry.arm === arm ? [entry.step] : [],
      );
      expect(seen).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    }
    expect(runsIn()).toHaveLength(1);
    expect(kills).toBeGreaterThan(KILLS / 2);
  });
});
