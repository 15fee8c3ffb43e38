import type { Dataset, Partition, PartitionRequest } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import type { Random } from '../random/index.js';
import { fillQuotas, keepExamples } from './assign.js';
import { callPartitioner } from './check-partition.js';
import type { ClientExamples, FederatedData } from './federated-data.js';
import { type HoldoutShares, splitHoldout } from './holdout.js';

export interface FederatedDataRequest {
  readonly dataset: Dataset;
  /** Name of the partitioner, for messages. */
  readonly partitioner: string;
  readonly partition: (request: PartitionRequest) => Partition;
  readonly holdout: HoldoutShares;
  /** `data` chooses the holdouts, `partition` all else. */
  readonly streams: { readonly data: Random; readonly partition: Random };
}

/**
 * Splits a dataset for a federation: holdouts first, then what each client gets.
 *
 * Test and validation sets depend on the dataset, their shares and the `data` stream only. The partitioner sees the
 * labels of all rows, or of those before the dataset's own test set. Each row is used once at most, and exactly once
 * where the partitioner's quotas use all.
 *
 * Throws FEDX_PLUGIN_FAILED for a partitioner that fails or breaks its contract, FEDX_PARTITION_IMPOSSIBLE for a client
 * without training examples and whatever else cannot be split, and FEDX_SPEC_INVALID as {@link splitHoldout} does.
 */
export function buildFederatedData({
  dataset,
  partitioner,
  partition,
  holdout: shares,
  streams,
}: FederatedDataRequest): FederatedData {
  const holdout = splitHoldout(dataset, shares, streams.data);
  const partitioned = callPartitioner(partitioner, partition, {
    labels: dataset.labels.subarray(0, dataset.testFrom),
    classes: dataset.classes,
    random: streams.partition.at('partitioner'),
  });
  const clients =
    'quotas' in partitioned
      ? fillQuotas(dataset, holdout, partitioned.quotas, streams.partition)
      : keepExamples(dataset, holdout, partitioned.examples, streams.partition);
  assertAllTrain(clients);
  return { dataset, test: holdout.test, validation: holdout.validation, clients };
}

function assertAllTrain(clients: readonly ClientExamples[]): void {
  const client = clients.findIndex(({ train }) => train.length === 0);
  if (client === -1) return;
  throw new FedxError('FEDX_PARTITION_IMPOSSIBLE', `Client ${client} of ${clients.length} has no training example.`, {
    place: { client },
  });
}
