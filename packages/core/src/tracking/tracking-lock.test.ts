import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockTracking } from './tracking-lock.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fedx-lock-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const locks = (): Promise<string[]> => readdir(join(directory, 'tracking'));

describe('lockTracking', () => {
  it('lets one at a time send a run to a server, and several to different servers', async () => {
    const release = await lockTracking(join(directory, 'tracking'), 'http://a');
    await expect(lockTracking(join(directory, 'tracking'), 'http://a')).rejects.toMatchObject({
      code: 'FEDX_TRACKING_BUSY',
    });
    await (await lockTracking(join(directory, 'tracking'), 'http://b'))();
    await release();
    await (await lockTracking(join(directory, 'tracking'), 'http://a'))();
    expect(await locks()).toEqual([]);
  });

  it('takes over from a process that is gone, and from one whose lock a power cut tore', async () => {
    const release = await lockTracking(join(directory, 'tracking'), 'http://a');
    const [name = ''] = await locks();
    await release();
    const gone = spawnSync(process.execPath, ['--version']).pid;
    for (const content of [JSON.stringify({ process: gone, host: hostname(), id: 'x' }), '{"proc']) {
      await writeFile(join(directory, 'tracking', name), content);
      await (await lockTracking(join(directory, 'tracking'), 'http://a'))();
    }
    expect(await locks()).toEqual([]);
  });

  it('trusts the lock of another machine, whose processes it cannot see', async () => {
    const release = await lockTracking(join(directory, 'tracking'), 'http://a');
    const [name = ''] = await locks();
    await release();
    await writeFile(join(directory, 'tracking', name), JSON.stringify({ process: 1, host: 'elsewhere', id: 'x' }));
    await expect(lockTracking(join(directory, 'tracking'), 'http://a')).rejects.toMatchObject({
      code: 'FEDX_TRACKING_BUSY',
    });
  });
});
