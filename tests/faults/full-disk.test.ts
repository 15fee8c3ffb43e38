import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalEntry, readJournal } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../e2e/fedx.js';
import { createProject, type Project, type Run, resultsOf } from '../integration/tiny-federation.js';

/** A file system of a few kilobytes, in a name space of its own, which a sandbox may forbid. */
const mount = (size: string): string => `mount -t tmpfs -o size=${size} tmpfs .fedx`;
const canMount = (() => {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=64k tmpfs /mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const overrides = ['server.rounds=40', 'checkpoint.every=3', 'controls=[centralized]'];

let project: Project;
let whole: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  project = await createProject();
  whole = await resultsOf(await project.run(overrides));
  mkdirSync(join(project.folder, '.fedx'));
});
afterAll(() => project.remove());

async function runIn(folder: string): Promise<Run> {
  const events: JournalEntry[] = [];
  for await (const entry of readJournal(join(folder, 'events.jsonl'))) events.push(entry);
  return { events, folder, programs: [] };
}

/** Runs the spec below what `limit` does, resumes after `lift`, and expects what a run in one go comes to. */
async function expectToGoOn(shell: readonly string[], limit: string, lift: string, reason: string): Promise<void> {
  const fedx = `"${process.execPath}" "${program}"`;
  const script = [
    limit,
    `${fedx} run spec.yaml ${overrides.map((override) => `"${override}"`).join(' ')} > first.txt 2>&1`,
    'echo $?; cat first.txt',
    lift,
    `${fedx} resume latest > second.txt 2>&1`,
    'echo $?; cat second.txt',
    'rm -rf kept; cp -r .fedx/runs kept; ls kept',
  ].join('\n');
  const { stdout } = spawnSync('env', [...shell, 'sh', '-c', script], {
    cwd: project.folder,
    encoding: 'utf8',
    env: { ...process.env, FEDX_CACHE: join(project.folder, 'cache') },
  });
  expect(stdout).toMatch(/^5\n/);
  expect(stdout).toMatch(new RegExp(`^FEDX_STORAGE_FAILED: .*${reason}`, 'm'));
  const id = stdout.trimEnd().split('\n').at(-1) ?? '';
  expect(await resultsOf(await runIn(join(project.folder, 'kept', id))), stdout).toEqual(whole);
}

describe.skipIf(!canMount)('a disk that is really full', () => {
  it.each(['48k', '80k'])('of %s ends the run with a code, and it goes on once there is room', (size) =>
    expectToGoOn(['unshare', '-rm'], mount(size), 'mount -o remount,size=64m .fedx', 'the disk is full \\(ENOSPC\\)'),
  );
});

describe.skipIf(process.platform === 'win32')('a limit for the size of files', () => {
  it('ends the run with a code, and it goes on without the limit', () =>
    // Soft, so that the same shell can lift it; in blocks of 512 bytes or a kilobyte: the journal takes more.
    expectToGoOn([], 'ulimit -S -f 12', 'ulimit -S -f unlimited', 'larger than allowed \\(EFBIG\\)'));
});
