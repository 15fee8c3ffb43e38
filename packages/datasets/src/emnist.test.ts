import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRandom } from '@fedx/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emnist } from './emnist.js';
import { fashionMnist } from './fashion-mnist.js';

let directory: string;

function idx(shape: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.from([0, 0, 8, shape.length, ...new Array<number>(4 * shape.length).fill(0)]);
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return gzipSync(Buffer.concat([header, Uint8Array.from(values)]));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fedx-emnist-'));
  const write = (name: string, content: Buffer) => writeFile(join(directory, name), content);
  await write('emnist-letters-train-images-idx3-ubyte.gz', idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]));
  await write('emnist-letters-train-labels-idx1-ubyte.gz', idx([2], [1, 26]));
  await write('emnist-letters-test-images-idx3-ubyte.gz', idx([1, 2, 2], [9, 10, 11, 12]));
  await write('emnist-letters-test-labels-idx1-ubyte.gz', idx([1], [13]));
  await write('train-images-idx3-ubyte.gz', idx([2, 1, 2], [1, 2, 3, 4]));
  await write('train-labels-idx1-ubyte.gz', idx([2], [0, 9]));
  await write('t10k-images-idx3-ubyte.gz', idx([1, 1, 2], [5, 6]));
  await write('t10k-labels-idx1-ubyte.gz', idx([1], [4]));
});

afterAll(() => rm(directory, { recursive: true }));

const context = () => ({
  directory,
  cache: join(directory, 'cache'),
  signal: new AbortController().signal,
  log: () => undefined,
  random: createRandom(0),
});

describe('emnist', () => {
  it('reads a subset from a folder: images upright, letters numbered from 0', async () => {
    const dataset = await emnist.load({ subset: 'letters', split: 'standard', path: '.' }, context());
    expect(dataset).toMatchObject({ examples: 3, classes: 26, testFrom: 2, inputShape: [2, 2, 1] });
    expect([...dataset.labels]).toEqual([0, 25, 12]);
    expect([...dataset.inputs.subarray(0, 4)]).toEqual([1, 3, 2, 4]);
  });

  it('names the file of another subset that is not there', async () => {
    await expect(emnist.load({ subset: 'digits', split: 'pooled', path: '.' }, context())).rejects.toMatchObject({
      code: 'FEDX_DATA_NOT_FOUND',
      message: expect.stringContaining('emnist-digits-train-images-idx3-ubyte'),
    });
  });
});

describe('fashion-mnist', () => {
  it('reads a folder as mnist does', async () => {
    const dataset = await fashionMnist.load({ split: 'pooled', path: '.' }, context());
    expect([...dataset.labels]).toEqual([0, 9, 4]);
    expect(dataset.inputShape).toEqual([1, 2, 1]);
  });
});
