import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from './events.js';
import { nodeFileSystem } from './file-system.js';
import { openJournal } from './journal.js';
import { createRecorder } from './recorder.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-recorder-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const step = (number: number): RunEvent => ({ type: 'step-completed', arm: 'iid', step: number, metrics: {} });

/** A recorder on a disk whose syncs end when told; the steps that were handed on. */
async function recording() {
  const pending: { end: () => void; fail: (error: Error) => void }[] = [];
  let isOpen = false;
  const sync = (descriptor: number) =>
    isOpen ? new Promise<void>((end, fail) => pending.push({ end, fail })) : nodeFileSystem.sync(descriptor);
  const journal = await openJournal(join(directory, 'events.jsonl'), { fileSystem: { ...nodeFileSystem, sync } });
  isOpen = true;
  const handedOn: number[] = [];
  const recorder = createRecorder(journal, (entry) => {
    if (entry.type === 'step-completed') handedOn.push(entry.step);
  });
  const nextSync = async () => {
    while (pending.length === 0) await new Promise(setImmediate);
    return pending.shift();
  };
  return { recorder, handedOn, nextSync };
}

describe('a recorder', () => {
  it('hands an event on, as to a tracking server, only once it is on disk', async () => {
    const { recorder, handedOn, nextSync } = await recording();
    recorder.record(step(1));
    const first = await nextSync();
    recorder.record(step(2));
    recorder.record(step(3));
    expect(handedOn).toEqual([]);
    first?.end();
    const second = await nextSync();
    expect(handedOn).toEqual([1]);
    second?.end();
    await recorder.drain();
    expect(handedOn).toEqual([1, 2, 3]);
  });

  it('hands nothing on that a disk did not take, and records no more', async () => {
    const { recorder, handedOn, nextSync } = await recording();
    recorder.record(step(1));
    (await nextSync())?.fail(Object.assign(new Error('EIO'), { code: 'EIO' }));
    await expect(recorder.drain()).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
    expect(() => {
      recorder.record(step(2));
    }).toThrow('the disk reports an error (EIO)');
    expect(handedOn).toEqual([]);
  });
});
