import { resolve } from 'node:path';
import { defineDataset } from '@fedx/core';
import { download, type Resource, unzipOnce } from './download/index.js';
import { readImageFolder } from './idx/index.js';
import { splitOption } from './split-option.js';

const archive: Resource = {
  name: 'emnist/gzip.zip',
  mirrors: [
    'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
    'https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip',
  ],
  bytes: 561_753_746,
  sha256: 'fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e',
};

/** Classes of each subset, and what stands for class 0 in its label files. */
const subsets = {
  balanced: { classes: 47, firstLabel: 0 },
  letters: { classes: 26, firstLabel: 1 },
  digits: { classes: 10, firstLabel: 0 },
  byclass: { classes: 62, firstLabel: 0 },
  bymerge: { classes: 47, firstLabel: 0 },
  mnist: { classes: 10, firstLabel: 0 },
} as const;

/**
 * EMNIST (Cohen, Afshar, Tapson and van Schaik 2017, arXiv 1702.05373): handwritten characters in MNIST's format,
 * 28 x 28 pixels. Its subsets are `balanced` (131,600 images of 47 classes), `letters` (145,600 of 26), `digits`
 * (280,000 of 10), `byclass` (814,255 of 62), `bymerge` (814,255 of 47) and `mnist` (70,000 of 10). The files hold the
 * images transposed and number the letters from 1; here they are upright and numbered from 0.
 *
 * All subsets come in one archive of 562 MB, downloaded once, or are read from `path`.
 */
export const emnist = defineDataset({
  name: 'emnist',
  options: {
    type: 'object',
    description: 'EMNIST: handwritten letters and digits of 28 x 28 pixels, in several subsets; downloaded once.',
    additionalProperties: false,
    properties: {
      subset: {
        type: 'string',
        enum: ['balanced', 'letters', 'digits', 'byclass', 'bymerge', 'mnist'],
        default: 'balanced',
        description: 'Which of its subsets.',
      },
      split: splitOption,
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description:
          'Folder of the unpacked archive (emnist-balanced-train-images-idx3-ubyte.gz …) instead of a download.',
      },
    },
  },
  async load({ subset, split, path }, context) {
    const stems = [`emnist-${subset}-train`, `emnist-${subset}-test`] as const;
    const members = stems.flatMap((stem) => [`${stem}-images-idx3-ubyte.gz`, `${stem}-labels-idx1-ubyte.gz`]);
    const folder =
      path === undefined
        ? await unzipOnce(await download(archive, context), members, subset, context)
        : resolve(context.directory, path);
    return readImageFolder(folder, { ...subsets[subset], split, stems, transposed: true });
  },
});
