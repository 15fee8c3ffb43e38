import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockTracking } from './tracking-lock.js';

let directory: string;
let folder: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fedx-lock-'));
  folder = join(directory, 'tracking');
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('lockTracking', () => {
  it('lets one at a time send a run to a server, and several to different servers', async () => {
    const lock = await lockTracking(folder, 'http://a');
    await expect(lockTracking(folder, 'http://a')).rejects.toMatchObject({
      code: 'FEDX_TRACKING_BUSY',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
    });
    (await lockTracking(folder, 'http://b')).release();
    lock.release();
    (await lockTracking(folder, 'http://a')).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('waits where it is asked to, until its turn comes or its signal says enough', async () => {
    const lock = await lockTracking(folder, 'http://a');
    const reason = new Error('enough');
    const controller = new AbortController();
    const impatient = lockTracking(folder, 'http://a', { wait: true, signal: controller.signal });
    const patient = lockTracking(folder, 'http://a', { wait: true });
    setImmediate(() => controller.abort(reason));
    await expect(impatient).rejects.toBe(reason);
    lock.release();
    (await patient).release();
    expect(await readdir(folder)).toEqual([]);
  });
});
