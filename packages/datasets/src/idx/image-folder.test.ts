import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isFedxError } from '@fedx/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageFolderOptions, readImageFolder } from './index.js';

/** Three train and two test images of 2 x 2 pixels; the values count up over all images. */
const files = {
  'train-images-idx3-ubyte': idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
  'train-labels-idx1-ubyte': idx([3], [9, 0, 1]),
  't10k-images-idx3-ubyte': idx([2, 2, 2], [12, 13, 14, 15, 16, 17, 18, 19]),
  't10k-labels-idx1-ubyte': idx([2], [1, 9]),
};
const ten: ImageFolderOptions = { classes: 10, split: 'pooled' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-idx-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});

afterEach(() => rm(folder, { recursive: true }));

describe('readImageFolder', () => {
  it('puts train images first, then test images', async () => {
    const dataset = await readImageFolder(folder, ten);
    expect(dataset).toMatchObject({ examples: 5, inputShape: [2, 2, 1], classes: 10, scale: 1 / 255 });
    expect([...dataset.inputs]).toEqual([...Array(20).keys()]);
    expect([...dataset.labels]).toEqual([9, 0, 1, 1, 9]);
  });

  it('keeps the published test images as the test set under split: standard only', async () => {
    const standard = await readImageFolder(folder, { ...ten, split: 'standard' });
    expect(standard.testFrom).toBe(3);
    expect(await readImageFolder(folder, ten)).not.toHaveProperty('testFrom');
  });

  it('reads files of other names, with labels from 1 on, and turns transposed images upright', async () => {
    for (const [name, content] of Object.entries(files))
      await writeFile(
        join(folder, name.replace('train-', 'letters-train-').replace('t10k-', 'letters-test-')),
        content,
      );
    await writeFile(join(folder, 'letters-train-labels-idx1-ubyte'), idx([3], [1, 2, 3]));
    await writeFile(join(folder, 'letters-test-labels-idx1-ubyte'), idx([2], [3, 1]));
    const dataset = await readImageFolder(folder, {
      classes: 3,
      split: 'standard',
      stems: ['letters-train', 'letters-test'],
      firstLabel: 1,
      transposed: true,
    });
    expect([...dataset.labels]).toEqual([0, 1, 2, 2, 0]);
    // The first image is 0 1 / 2 3.
    expect([...dataset.inputs.subarray(0, 8)]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect(dataset.testFrom).toBe(3);
    await writeFile(join(folder, 'letters-test-labels-idx1-ubyte'), idx([2], [3, 0]));
    const options = { classes: 3, split: 'pooled', stems: ['letters-train', 'letters-test'], firstLabel: 1 } as const;
    await expect(readImageFolder(folder, options)).rejects.toMatchObject({
      code: 'FEDX_DATA_CORRUPT',
      message: expect.stringContaining('label 0, expected 1 to 3'),
    });
  });

  it('reads gzipped files, whatever their names, to the same data and digest', async () => {
    const plain = await readImageFolder(folder, ten);
    await replace('train-images-idx3-ubyte', 'train-images.idx3-ubyte.gz', gzipSync(files['train-images-idx3-ubyte']));
    await replace('t10k-labels-idx1-ubyte', 't10k-labels-idx1-ubyte', gzipSync(files['t10k-labels-idx1-ubyte']));
    await rename(join(folder, 'train-labels-idx1-ubyte'), join(folder, 'train-labels-idx1-ubyte.gz'));
    expect(await readImageFolder(folder, ten)).toEqual(plain);
  });

  it('gives other data another digest', async () => {
    const { digest } = await readImageFolder(folder, ten);
    await writeFile(join(folder, 't10k-labels-idx1-ubyte'), idx([2], [1, 8]));
    expect((await readImageFolder(folder, ten)).digest).not.toBe(digest);
  });

  it('has the digest of the files alone, and another one where they are read in another way', async () => {
    const hashes = Object.values(files).map(sha256).join('\n');
    const plain = await readImageFolder(folder, { ...ten, firstLabel: 0, transposed: false });
    expect(plain.digest).toBe(sha256(Buffer.from(hashes)));
    const digests = [plain.digest];
    for (const reading of [
      { transposed: true },
      { classes: 11, firstLabel: -1 },
      { classes: 11, firstLabel: -1, transposed: true },
    ])
      digests.push((await readImageFolder(folder, { ...ten, ...reading })).digest);
    expect(new Set(digests).size).toBe(4);
  });

  it.each([
    [
      'a truncated file',
      'train-images-idx3-ubyte',
      files['train-images-idx3-ubyte'].subarray(0, 20),
      'truncated: 20 bytes, expected 28',
    ],
    [
      'a file that ends in its header',
      'train-images-idx3-ubyte',
      files['train-images-idx3-ubyte'].subarray(0, 7),
      'ends after 7 bytes',
    ],
    ['an empty file', 't10k-labels-idx1-ubyte', Buffer.alloc(0), 'ends after 0 bytes'],
    [
      'trailing bytes',
      'train-labels-idx1-ubyte',
      idx([3], [1, 2, 3, 4]),
      'too long: 12 bytes, expected 11 for 3 values',
    ],
    [
      'labels where images belong',
      'train-images-idx3-ubyte',
      idx([20], Array(20).fill(1)),
      '0x00000801, expected 0x00000803',
    ],
    ['a header without values', 't10k-labels-idx1-ubyte', idx([0], []), 'expected at least one'],
    [
      'a count that is not that of the images',
      'train-labels-idx1-ubyte',
      idx([2], [1, 2]),
      '2 labels, expected one for each of the 3 images',
    ],
    [
      'test images of another size',
      't10k-images-idx3-ubyte',
      idx([2, 1, 2], [1, 2, 3, 4]),
      '1 x 2 pixels, expected 2 x 2',
    ],
    ['label 11', 't10k-labels-idx1-ubyte', idx([2], [1, 11]), 'example 1 has label 11, expected 0 to 9'],
    [
      'a truncated gzip file',
      'train-images-idx3-ubyte',
      gzipSync(files['train-images-idx3-ubyte']).subarray(0, 25),
      'cannot be unpacked',
    ],
    [
      'a gzip file of a truncated file',
      'train-images-idx3-ubyte',
      gzipSync(files['train-images-idx3-ubyte'].subarray(0, 24)),
      'truncated: 24 bytes, expected 28',
    ],
  ])('refuses %s, naming the file', async (_, name, content, finding) => {
    await writeFile(join(folder, name), content);
    const error = await failure(ten);
    expect(error.code).toBe('FEDX_DATA_CORRUPT');
    expect(error.place.file).toBe(join(folder, name));
    expect(error.message).toContain(finding);
  });

  it('takes files whose hashes are as expected and refuses any other, naming file and hashes', async () => {
    const hashes = {
      trainImages: sha256(files['train-images-idx3-ubyte']),
      trainLabels: sha256(files['train-labels-idx1-ubyte']),
      testImages: sha256(files['t10k-images-idx3-ubyte']),
      testLabels: sha256(files['t10k-labels-idx1-ubyte']),
    };
    expect((await readImageFolder(folder, { ...ten, hashes })).examples).toBe(5);
    const changed = idx([2], [1, 8]);
    await writeFile(join(folder, 't10k-labels-idx1-ubyte'), changed);
    const error = await failure({ ...ten, hashes });
    expect(error.code).toBe('FEDX_DATA_CORRUPT');
    expect(error.message).toContain(`${sha256(changed)}, expected ${hashes.testLabels}`);
    expect(error.place.file).toBe(join(folder, 't10k-labels-idx1-ubyte'));
  });

  it('names the file that is missing', async () => {
    await unlink(join(folder, 't10k-labels-idx1-ubyte'));
    const error = await failure(ten);
    expect(error.code).toBe('FEDX_DATA_NOT_FOUND');
    expect(error.message).toContain('t10k-labels-idx1-ubyte');
  });

  it('names a folder that does not exist', async () => {
    const error = await failure(ten, join(folder, 'nowhere'));
    expect(error.code).toBe('FEDX_DATA_NOT_FOUND');
    expect(error.message).toContain(join(folder, 'nowhere'));
  });
});

function idx(shape: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 | shape.length, 0);
  shape.forEach((size, axis) => void header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, Uint8Array.from(values)]);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function replace(name: string, by: string, content: Uint8Array): Promise<void> {
  await unlink(join(folder, name));
  await writeFile(join(folder, by), content);
}

async function failure(options: ImageFolderOptions, where = folder) {
  const error: unknown = await readImageFolder(where, options).catch((reason: unknown) => reason);
  if (!isFedxError(error)) throw error;
  return error;
}
