import { dirname, resolve } from 'node:path';
import { defineDataset } from '@fedx/core';
import { download, type Resource } from './download/index.js';
import { readImageFolder } from './idx/index.js';
import { splitOption } from './split-option.js';

/** The authors' bucket, their repository, and the copy that Keras uses. */
const mirrors = [
  'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  'https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/',
  'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
];

/** Sizes as Keras and torchvision print them when they download these files. */
const resources = [
  file('train-images-idx3-ubyte.gz', 26_421_880, '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84'),
  file('train-labels-idx1-ubyte.gz', 29_515, 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845'),
  file('t10k-images-idx3-ubyte.gz', 4_422_102, '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073'),
  file('t10k-labels-idx1-ubyte.gz', 5148, '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'),
] as const;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747): 70,000 grey pictures of clothes of 10 kinds,
 * 28 x 28 pixels, 60,000 for training and 10,000 for testing. Downloaded once (31 MB), or read from `path`.
 */
export const fashionMnist = defineDataset({
  name: 'fashion-mnist',
  options: {
    type: 'object',
    description: 'Fashion-MNIST: 70,000 images of clothing, 28 x 28 pixels, in 10 classes; downloaded once.',
    additionalProperties: false,
    properties: {
      split: splitOption,
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description: 'Folder of the four IDX files, gzipped or not, instead of a download.',
      },
    },
  },
  async load({ split, path }, context) {
    if (path !== undefined) return readImageFolder(resolve(context.directory, path), { classes: 10, split });
    let file = '';
    for (const resource of resources) file = await download(resource, context);
    return readImageFolder(dirname(file), { classes: 10, split });
  },
});

function file(name: string, bytes: number, sha256: string): Resource {
  return { name: `fashion-mnist/${name}`, mirrors: mirrors.map((mirror) => mirror + name), bytes, sha256 };
}
