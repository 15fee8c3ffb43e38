import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, FedxError } from '@fedx/core';
import { corrupt, type IdxFile, openIdx } from './idx-file.js';

/** SHA-256 of the four files, uncompressed, hex. */
export interface ImageFolderHashes {
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

export interface ImageFolderOptions {
  /** Labels are in `[0, classes)`. */
  readonly classes: number;
  /** Either way train images come first, then test images; `standard` keeps the latter as the test set. */
  readonly split: 'pooled' | 'standard';
  /** Checked where given. */
  readonly hashes?: ImageFolderHashes;
  /** How the names of the train and the test files begin; default `train` and `t10k`, as of MNIST. */
  readonly stems?: readonly [train: string, test: string];
  /** The number that stands for class 0 in the label files; default 0. */
  readonly firstLabel?: number;
  /** Whether images lie column by column in the files, as of EMNIST. They come out upright either way. */
  readonly transposed?: boolean;
}

/**
 * Reads a dataset of grey images that lies in a folder as MNIST does: `train-images-idx3-ubyte`,
 * `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each gzipped or not, with or
 * without `.gz`, the dash before `idx` possibly a dot. Images become `[rows, columns, 1]` with values in `[0, 1]`.
 *
 * The digest is made from the hashes of the uncompressed files, and from `firstLabel` and `transposed` where they are not
 * the defaults: the same for both splits and however the files are packed.
 *
 * Throws FEDX_DATA_NOT_FOUND for a missing folder or file, and FEDX_DATA_CORRUPT for a file that is damaged, does not
 * fit its sibling, has another hash than it should, or holds a label out of range.
 */
export async function readImageFolder(folder: string, options: ImageFolderOptions): Promise<Dataset> {
  const entries = await list(folder);
  const { stems: [train, test] = ['train', 't10k'], firstLabel = 0, transposed = false } = options;
  const trainImages = await openIdx(find(folder, entries, `${train}-images`, 'idx3'), 3);
  const trainLabels = await openIdx(find(folder, entries, `${train}-labels`, 'idx1'), 1);
  const testImages = await openIdx(find(folder, entries, `${test}-images`, 'idx3'), 3);
  const testLabels = await openIdx(find(folder, entries, `${test}-labels`, 'idx1'), 1);
  checkCounts(trainImages, trainLabels);
  checkCounts(testImages, testLabels);
  checkImageSizes(trainImages, testImages);

  const [trainExamples = 0, rows = 0, columns = 0] = trainImages.shape;
  const examples = trainExamples + (testImages.shape[0] ?? 0);
  const inputs = new Uint8Array(examples * rows * columns);
  const labels = new Uint8Array(examples);
  const firstTestInput = trainExamples * rows * columns;

  const hashes: ImageFolderHashes = {
    trainImages: await trainImages.readInto(inputs.subarray(0, firstTestInput)),
    trainLabels: await trainLabels.readInto(labels.subarray(0, trainExamples)),
    testImages: await testImages.readInto(inputs.subarray(firstTestInput)),
    testLabels: await testLabels.readInto(labels.subarray(trainExamples)),
  };
  if (options.hashes !== undefined) {
    checkHash(trainImages, hashes.trainImages, options.hashes.trainImages);
    checkHash(trainLabels, hashes.trainLabels, options.hashes.trainLabels);
    checkHash(testImages, hashes.testImages, options.hashes.testImages);
    checkHash(testLabels, hashes.testLabels, options.hashes.testLabels);
  }
  checkLabels(trainLabels, labels.subarray(0, trainExamples), options);
  checkLabels(testLabels, labels.subarray(trainExamples), options);
  for (let i = 0; i < labels.length; i++) labels[i] = (labels[i] ?? 0) - firstLabel;
  if (transposed) transpose(inputs, rows, columns);

  return {
    examples,
    inputShape: transposed ? [columns, rows, 1] : [rows, columns, 1],
    inputs,
    scale: 1 / 255,
    labels,
    classes: options.classes,
    ...(options.split === 'standard' && { testFrom: trainExamples }),
    digest: digestOf(hashes, { firstLabel, transposed }),
  };
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new FedxError('FEDX_DATA_NOT_FOUND', `There is no folder ${folder} to read images from.`, {
      place: { file: folder },
      cause,
    });
  }
}

function find(folder: string, entries: readonly string[], stem: string, idx: 'idx1' | 'idx3'): string {
  const names = [`${stem}-${idx}-ubyte`, `${stem}.${idx}-ubyte`].flatMap((name) => [name, `${name}.gz`]);
  const name = names.find((candidate) => entries.includes(candidate));
  if (name !== undefined) return join(folder, name);
  throw new FedxError('FEDX_DATA_NOT_FOUND', `${folder} holds none of ${names.join(', ')}.`, {
    place: { file: folder },
  });
}

function checkCounts(images: IdxFile, labels: IdxFile): void {
  if (labels.shape[0] === images.shape[0]) return;
  throw corrupt(
    labels.path,
    `${labels.shape[0]} labels, expected one for each of the ${images.shape[0]} images in ${images.path}`,
  );
}

function checkImageSizes(train: IdxFile, test: IdxFile): void {
  const size = ({ shape }: IdxFile) => shape.slice(1).join(' x ');
  if (size(test) === size(train)) return;
  throw corrupt(test.path, `images of ${size(test)} pixels, expected ${size(train)} as in ${train.path}`);
}

function checkHash({ path }: IdxFile, found: string, expected: string): void {
  if (found === expected) return;
  throw corrupt(path, `the SHA-256 of the uncompressed content is ${found}, expected ${expected}`);
}

function checkLabels(
  { path }: IdxFile,
  labels: Uint8Array,
  { classes, firstLabel = 0 }: Pick<ImageFolderOptions, 'classes' | 'firstLabel'>,
): void {
  const last = firstLabel + classes - 1;
  const example = labels.findIndex((label) => label < firstLabel || label > last);
  if (example === -1) return;
  throw corrupt(path, `example ${example} has label ${labels[example]}, expected ${firstLabel} to ${last}`);
}

function digestOf(
  hashes: ImageFolderHashes,
  { firstLabel, transposed }: Required<Pick<ImageFolderOptions, 'firstLabel' | 'transposed'>>,
): string {
  const lines = [
    hashes.trainImages,
    hashes.trainLabels,
    hashes.testImages,
    hashes.testLabels,
    ...(firstLabel === 0 ? [] : [`labels from ${firstLabel}`]),
    ...(transposed ? ['transposed'] : []),
  ];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** Turns images of `rows` x `columns` into their transposes, in place. */
function transpose(images: Uint8Array, rows: number, columns: number): void {
  const pixels = rows * columns;
  const image = new Uint8Array(pixels);
  for (let start = 0; start < images.length; start += pixels) {
    image.set(images.subarray(start, start + pixels));
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        images[start + column * rows + row] = image[row * columns + column] ?? 0;
  }
}
