import { createHash } from 'node:crypto';
import type { Dataset, FeatureSkew } from '../contracts/index.js';
import type { FederatedData } from './federated-data.js';

const uses = ['train', 'validation', 'test'] as const;

/**
 * The same split of a dataset in which every client's examples are as that client sees them. A row has one client at
 * most, so that one changed copy of the inputs serves all; it is float32 (4 bytes a value) and has a digest of its own.
 * Rows that no client has stay as they are.
 */
export function skewFeatures(data: FederatedData, skew: FeatureSkew): FederatedData {
  const { dataset, clients } = data;
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
  const skewed: Dataset = { ...dataset, inputs, scale: 1, digest };
  return { ...data, dataset: skewed };
}
