export { buildFederatedData, type FederatedDataRequest } from './build-federated-data.js';
export { checkDataset } from './check-dataset.js';
export { callPartitioner } from './check-partition.js';
export type { ClientExamples, FederatedData, Heterogeneity, PartitionTable } from './federated-data.js';
export { iidCounterpart } from './iid-counterpart.js';
export { type PackedInputs, packInputs } from './packed-inputs.js';
export {
  type ClientManifest,
  type PartitionManifest,
  partitionManifest,
  partitionTable,
  type RowsDigest,
} from './partition-table.js';
