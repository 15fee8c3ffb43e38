import type { TableSpec } from '@fedx/compiler';
import type { Dataset } from '../contracts/index.js';

/** Where the compiled programs find the dataset. */
export interface Tables {
  readonly inputs: TableSpec;
  readonly labels: TableSpec;
}

/** The dataset as two tables: inputs mapped from `file`, labels inside the program. Both stay as they are. */
export function tablesOf(dataset: Dataset, file: string): Tables {
  return {
    inputs: {
      name: 'inputs',
      rows: dataset.examples,
      rowShape: dataset.inputShape,
      stored: dataset.inputs instanceof Float32Array ? 'float32' : 'uint8',
      as: { dtype: 'float32', scale: dataset.scale },
      content: { file, offset: 0 },
    },
    labels: { name: 'labels', rows: dataset.examples, rowShape: [], as: { dtype: 'int32' }, content: dataset.labels },
  };
}
