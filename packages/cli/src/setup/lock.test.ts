import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-lock-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('withLock', () => {
  it('lets one at a time work, and the next when it is done', async () => {
    const path = join(folder, 'lock');
    await withLock(path, async () => {
      await expect(withLock(path, () => Promise.resolve('in'))).rejects.toMatchObject({
        code: 'FEDX_SETUP_FAILED',
        message: `Another setup is at work in process ${process.pid} on ${hostname()}.`,
      });
    });
    await expect(withLock(path, () => Promise.resolve('in'))).resolves.toBe('in');
  });

  it('is open again after work that failed', async () => {
    const path = join(folder, 'lock');
    await expect(withLock(path, () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
    await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('takes over from a process that is gone', async () => {
    const path = join(folder, 'lock');
    await writeFile(path, JSON.stringify({ pid: 999_999_999, host: hostname() }));
    await expect(withLock(path, () => Promise.resolve('in'))).resolves.toBe('in');
  });
});
