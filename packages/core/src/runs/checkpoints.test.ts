import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Checkpoint, findCheckpoint, saveCheckpoint } from './checkpoints.js';
import { type FileSystem, nodeFileSystem } from './file-system.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-checkpoints-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function checkpoint(step: number): Checkpoint {
  return {
    step,
    seconds: step / 4,
    files: {
      'state.json': Buffer.from(JSON.stringify({ step, clients: [1, 2, 3], note: 'ünïcode' })),
      'tensors.safetensors': Uint8Array.from({ length: 1500 }, (_, i) => (i * 31 + step) % 256),
    },
  };
}

async function save(...steps: readonly number[]): Promise<void> {
  for (const step of steps) await saveCheckpoint(directory, checkpoint(step), 2);
}

const stepFound = (upTo = 1000): number | undefined => findCheckpoint(directory, upTo).checkpoint?.step;

describe('a checkpoint', () => {
  it('is read as it was written', async () => {
    await save(3);
    const { checkpoint: found, damaged } = findCheckpoint(directory, 3);
    expect(damaged).toEqual([]);
    expect(found).toMatchObject({ step: 3, seconds: 0.75 });
    for (const [name, content] of Object.entries(checkpoint(3).files))
      expect(Buffer.from(found?.files[name] ?? [])).toEqual(Buffer.from(content));
  });

  it('is the newest that is not past the journal, of which the last so many stay', async () => {
    await save(2, 4, 1_000_000);
    expect(readdirSync(directory).toSorted()).toEqual(['round-000004', 'round-1000000']);
    expect([stepFound(1_000_000), stepFound(999_999), stepFound(3)]).toEqual([1_000_000, 4, undefined]);
  });

  it.each(['state.json', 'tensors.safetensors', 'manifest.json'])(
    'whose %s is cut at any of 100 places, or has a flipped bit there, gives way to the one before',
    async (file) => {
      await save(2, 4);
      const path = join(directory, 'round-000004', file);
      const whole = readFileSync(path);
      for (let i = 0; i < 100; i++) {
        const at = Math.floor((i / 100) * whole.length);
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (i % 8));
        for (const content of [whole.subarray(0, at), flipped]) {
          writeFileSync(path, content);
          const found = findCheckpoint(directory, 4);
          expect(found.checkpoint?.step).toBe(2);
          expect(found.damaged).toEqual([expect.stringMatching(new RegExp(`^round-000004: ${file} `))]);
        }
      }
      writeFileSync(path, whole);
      expect(stepFound()).toBe(4);
    },
  );

  it.each(['state.json', 'manifest.json'])('whose %s is gone gives way to the one before', async (file) => {
    await save(2, 4);
    rmSync(join(directory, 'round-000004', file));
    expect(findCheckpoint(directory, 4)).toMatchObject({
      checkpoint: { step: 2 },
      damaged: [`round-000004: ${file} is missing`],
    });
  });

  it.each([0, 1, 2, 3, 700, 1600])(
    'that finds room for %i bytes only leaves those before it as they were',
    async (room) => {
      await save(2, 4);
      const before = readdirSync(directory, { recursive: true }).toSorted();
      await expect(saveCheckpoint(directory, checkpoint(6), 2, fullAfter(room))).rejects.toMatchObject({
        code: 'FEDX_STORAGE_FAILED',
        message: expect.stringContaining('the disk is full'),
      });
      expect(readdirSync(directory, { recursive: true }).toSorted()).toEqual(before);
      expect(stepFound()).toBe(4);
      await save(6);
      expect(stepFound()).toBe(6);
    },
  );
});

/** A disk with room for so many bytes. */
function fullAfter(room: number): FileSystem {
  let left = room;
  return {
    ...nodeFileSystem,
    write(descriptor, bytes, position) {
      const fits = Math.min(bytes.length, left);
      if (fits === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      left -= fits;
      return nodeFileSystem.write(descriptor, bytes.subarray(0, fits), position);
    },
  };
}
