import type { Dataset, Partition, PartitionRequest } from '../src/contracts/index.js';
import { buildFederatedData } from '../src/data/build-federated-data.js';
import type { FederatedData } from '../src/data/federated-data.js';
import { createRandom } from '../src/random/index.js';

interface Setting {
  readonly holdout?: { readonly test?: number; readonly validation: number };
  readonly partitionSeed?: number;
}

/** Splits a dataset for a federation by what a partitioner named `toy` gives, by default with a fifth of it as test set. */
export function buildToy(
  partition: Partition | ((request: PartitionRequest) => Partition),
  dataset: Dataset,
  setting: Setting = {},
): FederatedData {
  const {
    holdout = dataset.testFrom === undefined ? { test: 0.2, validation: 0 } : { validation: 0 },
    partitionSeed = 7,
  } = setting;
  return buildFederatedData({
    dataset,
    partitioner: { use: 'toy' },
    directory: '.',
    partition: (_, request) => (typeof partition === 'function' ? partition(request) : partition),
    holdout,
    streams: { data: createRandom(7).at('data'), partition: createRandom(partitionSeed).at('partition') },
  });
}

/** Labels taken in turn: 0 1 2 0 1 2 0 …, as long as a label has examples left. */
export function toy(counts: readonly number[]): Dataset {
  const labels: number[] = [];
  for (let turn = 0; turn < Math.max(...counts); turn++) {
    counts.forEach((count, label) => {
      if (turn < count) labels.push(label);
    });
  }
  return withLabels(labels, counts.length);
}

/** Examples of one byte each. */
export function withLabels(labels: readonly number[], classes: number): Dataset {
  return {
    examples: labels.length,
    inputShape: [1],
    inputs: new Uint8Array(labels.length),
    scale: 1,
    labels: Uint8Array.from(labels),
    classes,
    digest: 'toy',
  };
}
