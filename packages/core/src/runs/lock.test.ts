import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FedxError } from '../errors/index.js';
import { claimLock, isLocked, takeLock } from './lock.js';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fedx-lock-'));
  path = join(folder, 'it.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const busy = (holder: string): FedxError => new FedxError('FEDX_RUN_BUSY', `Busy${holder}.`);

/** The id of a process that has ended. */
const endedProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid;

function writeLock(holder: unknown, age = 0): void {
  writeFileSync(path, typeof holder === 'string' ? holder : JSON.stringify(holder));
  const then = new Date(Date.now() - age);
  utimesSync(path, then, then);
}

describe('a lock', () => {
  it('is held until it is released', () => {
    const lock = claimLock(path);
    expect(isLocked(path)).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    expect(() => claimLock(path)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    lock.release();
    expect(isLocked(path)).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it('refuses a second holder, naming the first', () => {
    const lock = claimLock(path);
    expect(() => takeLock(path, busy)).toThrow(
      expect.objectContaining({ code: 'FEDX_RUN_BUSY', message: expect.stringContaining(`process ${process.pid}`) }),
    );
    lock.release();
  });

  it('of a process that has ended is taken over at once', () => {
    writeLock({ pid: endedProcess(), host: hostname() });
    expect(isLocked(path)).toBe(false);
    const lock = takeLock(path, busy);
    expect(isLocked(path)).toBe(true);
    lock.release();
  });

  it('of an earlier process with the same number is taken over', () => {
    writeLock({ pid: process.pid, host: hostname(), started: 'an-earlier-boot 17' });
    expect(isLocked(path)).toBe(process.platform !== 'linux');
  });

  it('of a process that sleeps holds, however long it was not touched', () => {
    const lock = claimLock(path);
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(path, longAgo, longAgo);
    expect(isLocked(path)).toBe(true);
    lock.release();
  });

  it('that was left behind goes to one of many processes', { timeout: 60_000 }, async () => {
    writeLock({ pid: endedProcess(), host: hostname() });
    const take = `
      const busy = () => Object.assign(new Error(), { code: 'BUSY' });
      const { takeLock } = (await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).pathname)})).default;
      await new Promise((resolve) => setTimeout(resolve, Number(process.argv[1]) - Date.now() - 20));
      while (Date.now() < Number(process.argv[1]));
      try { takeLock(${JSON.stringify(path)}, busy); console.log('taken'); } catch (error) { console.log(error.code); }
      setTimeout(() => process.exit(), 3000);`;
    const at = String(Date.now() + 4000);
    const ends = await Promise.all(
      Array.from({ length: 4 }, () =>
        promisify(execFile)(process.execPath, ['--import', 'jiti/register', '--input-type=module', '-e', take, at]),
      ),
    );
    expect(ends.map(({ stdout }) => stdout.trim()).toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => 'BUSY'),
      'taken',
    ]);
  });

  it('of another machine holds as long as it is touched', () => {
    writeLock({ pid: endedProcess(), host: `not-${hostname()}` }, 30_000);
    expect(isLocked(path)).toBe(true);
    writeLock({ pid: process.pid, host: `not-${hostname()}` }, 90_000);
    expect(isLocked(path)).toBe(false);
  });

  it('that is only just being written holds', () => {
    writeLock('{"pid":');
    expect(isLocked(path)).toBe(true);
  });

  it('that is not there is free', () => {
    expect(isLocked(path)).toBe(false);
  });
});
