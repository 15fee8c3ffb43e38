import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetContext } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cifar10 } from './cifar-10.js';

const batches = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch'];
let directory: string;
let context: DatasetContext;

/** A record of a label and planes in which red is the pixel's number mod 256, green 100 and blue 200. */
function record(label: number): Buffer {
  const planes = Buffer.alloc(3072, 200);
  for (let pixel = 0; pixel < 1024; pixel++) planes[pixel] = pixel % 256;
  planes.fill(100, 1024, 2048);
  return Buffer.concat([Buffer.from([label]), planes]);
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fedx-cifar-'));
  context = {
    directory,
    cache: join(directory, 'cache'),
    signal: new AbortController().signal,
    log: () => undefined,
    random: createRandom(0),
  };
  await mkdir(join(directory, 'data'));
  for (const [i, name] of batches.entries())
    await writeFile(join(directory, 'data', `${name}.bin`), Buffer.concat([record(i), record(9 - i)]));
});

afterEach(() => rm(directory, { recursive: true }));

describe('cifar-10', () => {
  it('puts the channels of a pixel side by side, training batches first', async () => {
    const dataset = await cifar10.load({ split: 'standard', path: 'data' }, context);
    expect(dataset).toMatchObject({ examples: 12, inputShape: [32, 32, 3], classes: 10, testFrom: 10, scale: 1 / 255 });
    expect([...dataset.labels]).toEqual([0, 9, 1, 8, 2, 7, 3, 6, 4, 5, 5, 4]);
    expect([...dataset.inputs.subarray(0, 6)]).toEqual([0, 100, 200, 1, 100, 200]);
    expect([...dataset.inputs.subarray(-3)]).toEqual([255, 100, 200]);
    expect((await cifar10.load({ split: 'pooled', path: 'data' }, context)).testFrom).toBeUndefined();
  });

  it.each([
    ['a missing batch', 'data_batch_3.bin', undefined, 'FEDX_DATA_NOT_FOUND', 'data_batch_3.bin'],
    [
      'half a record',
      'test_batch.bin',
      record(1).subarray(5),
      'FEDX_DATA_CORRUPT',
      '3068 bytes, expected records of 3073',
    ],
    ['an empty file', 'test_batch.bin', Buffer.alloc(0), 'FEDX_DATA_CORRUPT', '0 bytes'],
    [
      'a label out of range',
      'data_batch_1.bin',
      record(10),
      'FEDX_DATA_CORRUPT',
      'record 0 has label 10, expected 0 to 9',
    ],
  ])('refuses %s', async (_, name, content, code, message) => {
    if (content === undefined) await rm(join(directory, 'data', name));
    else await writeFile(join(directory, 'data', name), content);
    await expect(cifar10.load({ split: 'pooled', path: 'data' }, context)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
