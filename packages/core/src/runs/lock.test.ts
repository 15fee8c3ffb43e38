import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimLock, isLocked, takeLock } from './lock.js';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fedx-lock-'));
  path = join(folder, 'it.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

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
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ pid: process.pid, host: hostname() });
    expect(() => claimLock(path)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    lock.release();
    expect(isLocked(path)).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it('refuses a second holder, naming the first', () => {
    const lock = claimLock(path);
    expect(() => takeLock(path, 'The run r')).toThrow(
      expect.objectContaining({ code: 'FEDX_RUN_BUSY', message: expect.stringContaining(`process ${process.pid}`) }),
    );
    lock.release();
  });

  it('of a process that has ended is taken over at once', () => {
    writeLock({ pid: endedProcess(), host: hostname() });
    expect(isLocked(path)).toBe(false);
    const lock = takeLock(path, 'The run r');
    expect(isLocked(path)).toBe(true);
    lock.release();
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
