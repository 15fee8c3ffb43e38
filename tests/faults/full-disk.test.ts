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

/** What runs in one go come to, by their overrides. They are the first, so that the programs are in the cache. */
const wholes = new Map<readonly string[], Promise<Readonly<Record<string, unknown>>>>();
const wholeOf = (overrides: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
  const whole = wholes.get(overrides) ?? project.run(overrides).then(resultsOf);
  wholes.set(overrides, whole);
  return whole;
};

beforeAll(async () => {
  project = await createProject();
  mkdirSync(join(project.folder, '.fedx'));
});
afterAll(() => project.remove());

async function runIn(folder: string): Promise<Run> {
  const events: JournalEntry[] = [];
  for await (const entry of readJournal(join(folder, 'events.jsonl'))) events.push(entry);
  return { events, folder, programs: [] };
}

interface Shortage {
  /** The shell starts by this; default: as it is. */
  readonly shell?: readonly string[];
  readonly limit: string;
  readonly lift: string;
  /** What the error says. */
  readonly reason: string;
}

/** Runs the spec below what `limit` does, resumes after `lift`, and expects what a run in one go comes to. */
async function expectToGoOn(
  overrides: readonly string[],
  { lift, limit, reason, shell = [] }: Shortage,
): Promise<void> {
  const whole = await wholeOf(overrides);
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
    expectToGoOn(overrides, {
      shell: ['unshare', '-rm'],
      limit: mount(size),
      lift: 'mount -o remount,size=64m .fedx',
      reason: 'the disk is full \\(ENOSPC\\)',
    }),
  );
});

describe.skipIf(process.platform === 'win32')('a limit for the size of files', () => {
  // Parameters of 50 kB, in few rounds: the journal stays below the limit.
  const large = ['server.rounds=4', 'model.hidden=[400]'];
  it.each([
    ['the journal', overrides, 'events\\.jsonl'],
    ['a checkpoint', [...large, 'checkpoint.every=2'], 'checkpoints/round-000002'],
    ['the final model', [...large, 'checkpoint.every=100'], 'model/model\\.onnx'],
  ])('that %s meets ends the run with a code, and it goes on without the limit', (_, own, file) =>
    expectToGoOn(own, {
      // Soft, so that the same shell can lift it; in blocks of 512 bytes or a kilobyte.
      limit: 'ulimit -S -f 40',
      lift: 'ulimit -S -f unlimited',
      reason: `${file}: .*larger than allowed \\(EFBIG\\)`,
    }),
  );
});
