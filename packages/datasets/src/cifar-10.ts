import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Dataset, defineDataset, FedxError } from '@fedx/core';
import { download, type Resource, readTar } from './download/index.js';
import { corrupt } from './idx/index.js';
import { splitOption } from './split-option.js';

const archive: Resource = {
  name: 'cifar-10/cifar-10-binary.tar.gz',
  mirrors: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
  bytes: 170_052_171,
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
};

const names = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`).concat('test_batch.bin');
const SIDE = 32;
const PIXELS = SIDE * SIDE;
const CHANNELS = 3;
/** One byte of label, then the red, the green and the blue plane, row by row. */
const RECORD = 1 + CHANNELS * PIXELS;
const CLASSES = 10;

/**
 * CIFAR-10 (Krizhevsky 2009, "Learning multiple layers of features from tiny images"), binary version: 60,000 colour
 * images of 10 kinds, 50,000 for training and 10,000 for testing. Images become `[32, 32, 3]`, red, green and blue of a
 * pixel side by side, with values in `[0, 1]`. Downloaded once (170 MB), or read from `path`.
 */
export const cifar10 = defineDataset({
  name: 'cifar-10',
  options: {
    type: 'object',
    description: 'CIFAR-10: 60,000 colour images of 32 x 32 pixels in 10 classes; downloaded once.',
    additionalProperties: false,
    properties: {
      split: splitOption,
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description: 'Folder of data_batch_1.bin to data_batch_5.bin and test_batch.bin instead of a download.',
      },
    },
  },
  async load({ split, path }, context) {
    const folder = path === undefined ? undefined : resolve(context.directory, path);
    const files =
      folder === undefined ? await readTar(await download(archive, context), names) : await readBatches(folder);
    return decode(folder ?? archive.name, files, split);
  },
});

async function readBatches(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = names.map(async (name) => {
    const path = join(folder, name);
    try {
      return [name, await readFile(path)] as const;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FedxError('FEDX_DATA_NOT_FOUND', `Cannot read ${path}: ${reason}.`, { place: { file: path }, cause });
    }
  });
  return new Map(await Promise.all(files));
}

function decode(source: string, files: ReadonlyMap<string, Buffer>, split: 'pooled' | 'standard'): Dataset {
  const batches = names.map((name) => ({ name, bytes: files.get(name) ?? Buffer.alloc(0) }));
  const digest = createHash('sha256');
  const examples = batches.reduce((sum, { bytes }) => sum + Math.floor(bytes.length / RECORD), 0);
  const inputs = new Uint8Array(examples * CHANNELS * PIXELS);
  const labels = new Uint8Array(examples);
  let example = 0;
  for (const { name, bytes } of batches) {
    if (bytes.length === 0 || bytes.length % RECORD !== 0)
      throw corrupt(join(source, name), `${bytes.length} bytes, expected records of ${RECORD}`);
    digest.update(bytes);
    for (let start = 0; start < bytes.length; start += RECORD) {
      const label = bytes[start] ?? 0;
      if (label >= CLASSES)
        throw corrupt(join(source, name), `record ${start / RECORD} has label ${label}, expected 0 to ${CLASSES - 1}`);
      labels[example] = label;
      interleave(bytes, start + 1, inputs, example * CHANNELS * PIXELS);
      example += 1;
    }
  }
  return {
    examples,
    inputShape: [SIDE, SIDE, CHANNELS],
    inputs,
    scale: 1 / 255,
    labels,
    classes: CLASSES,
    ...(split === 'standard' && { testFrom: examples - (batches.at(-1)?.bytes.length ?? 0) / RECORD }),
    digest: digest.digest('hex'),
  };
}

/** Planes of one image to pixels. */
function interleave(from: Uint8Array, start: number, to: Uint8Array, end: number): void {
  for (let channel = 0; channel < CHANNELS; channel++)
    for (let pixel = 0; pixel < PIXELS; pixel++)
      to[end + pixel * CHANNELS + channel] = from[start + channel * PIXELS + pixel] ?? 0;
}
