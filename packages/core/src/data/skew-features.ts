import { createHash } from 'node:crypto';
import type { Dataset, FeatureSkew } from '../contracts/index.js';
import type { FederatedData } from './federated-data.js';

const uses = ['train', 'validation', 'test'] as const;

/**
 * The same split of a dataset in which every client's examples are as that client sees them. A row has one client at
 * most, so that one changed copy of the inputs serves all; it is float32 (4 bytes a value) and has a digest of its own.
 * Rows that no client has stay as they are. The copy is made when inputs or digest are first asked for, since changing every
 * example can take longer than all else that a plan needs; one example is changed at once, so that what a skew cannot do is
 * known early.
 */
export function skewFeatures(data: FederatedData, skew: FeatureSkew): FederatedData {
  const { dataset, clients } = data;
  const width = dataset.inputs.length / dataset.examples;
  const example = clients[0]?.train[0] ?? 0;
  const values = Float32Array.from(
    dataset.inputs.subarray(example * width, (example + 1) * width),
    (value) => value * dataset.scale,
  );
  skew({ values, shape: dataset.inputShape, client: 0, example, use: 'train' });

  let made: Pick<Dataset, 'inputs' | 'digest'> | undefined;
  const skewed: Dataset = {
    ...dataset,
    scale: 1,
    get inputs() {
      return (made ??= changedInputs(data, skew)).inputs;
    },
    get digest() {
      return (made ??= changedInputs(data, skew)).digest;
    },
  };
  return { ...data, dataset: skewed };
}

function changedInputs({ dataset, clients }: FederatedData, skew: FeatureSkew): Pick<Dataset, 'inputs' | 'digest'> {
  const width = dataset.inputs.length / dataset.examples;
  const inputs = new Float32Array(dataset.inputs.length);
  for (let i = 0; i < inputs.length; i++) inputs[i] = (dataset.inputs[i] ?? 0) * dataset.scale;
  clients.forEach((examples, client) => {
    for (const use of uses) {
      const rows = examples[use];
      for (let i = 0; i < rows.length; i++) {
        const example = rows[i] ?? 0;
        const values = inputs.subarray(example * width, (example + 1) * width);
        skew({ values, shape: dataset.inputShape, client, example, use });
      }
    }
  });
  const digest = createHash('sha256').update(`${dataset.digest} skewed`).update(inputs).digest('hex');
  return { inputs, digest };
}
