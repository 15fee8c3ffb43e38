import type { Dataset, FeatureSkew, Partition, PartitionerSlot, PartitionRequest } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { callPlugin } from '../plugins/index.js';
import type { Random } from '../random/index.js';
import { fillQuotas, keepExamples } from './assign.js';
import { callPartitioner } from './check-partition.js';
import { checkSplit } from './check-split.js';
import type { ClientExamples, FederatedData } from './federated-data.js';
import { type HoldoutShares, splitHoldout } from './holdout.js';
import { skewFeatures } from './skew-features.js';

export interface FederatedDataRequest {
  readonly dataset: Dataset;
  /** The partitioner, with its options. */
  readonly partitioner: PartitionerSlot;
  readonly partition: (slot: PartitionerSlot, request: PartitionRequest) => Partition;
  /** The folder of the spec. */
  readonly directory: string;
  readonly holdout: HoldoutShares;
  /** `data` chooses the holdouts, `partition` all else. */
  readonly streams: { readonly data: Random; readonly partition: Random };
}

/**
 * Splits a dataset for a federation: holdouts first, then what each client gets.
 *
 * Test and validation sets depend on the dataset, their shares and the `data` stream only. The partitioner sees the
 * labels of all rows, or of those before the dataset's own test set. Each row is used once at most, and exactly once
 * where the partitioner's quotas use all. A partitioner that brings a whole split is taken at its word.
 *
 * Throws FEDX_PLUGIN_FAILED for a partitioner that fails or breaks its contract, FEDX_PARTITION_IMPOSSIBLE for a client
 * without training examples and whatever else cannot be split, and FEDX_SPEC_INVALID as {@link splitHoldout} does.
 */
export function buildFederatedData({
  dataset,
  partitioner,
  partition,
  directory,
  holdout: shares,
  streams,
}: FederatedDataRequest): FederatedData {
  const { groups, testFrom } = dataset;
  const request: PartitionRequest = {
    labels: dataset.labels.subarray(0, testFrom),
    classes: dataset.classes,
    ...(groups !== undefined && { groups: { ...groups, of: groups.of.subarray(0, testFrom) } }),
    random: streams.partition.at('partitioner'),
    dataset: dataset.digest,
    directory,
    partition: (slot, part) => {
      const { groups: ofAll, ...others } = { ...request, ...part };
      // Of a part nothing is known but its labels.
      const whole = ofAll !== undefined && haveEqualElements(part.labels, request.labels);
      const inner = whole ? { ...others, groups: ofAll } : others;
      return callPartitioner(slot.use, (own) => partition(slot, own), inner);
    },
  };
  const withHoldout = (given: Exclude<Partition, { readonly split: unknown }>): FederatedData => {
    const holdout = splitHoldout(dataset, shares, streams.data);
    const clients =
      'quotas' in given
        ? fillQuotas(dataset, holdout, given.quotas, streams.partition)
        : keepExamples(dataset, holdout, given.examples, streams.partition);
    return { dataset, test: holdout.test, validation: holdout.validation, clients };
  };
  const partitioned = callPartitioner(partitioner.use, (own) => partition(partitioner, own), request);
  const data =
    'split' in partitioned
      ? { dataset, ...checkSplit(partitioner.use, partitioned.split, dataset.examples) }
      : withHoldout(partitioned);
  assertAllTrain(data.clients);
  const { features } = partitioned;
  return features === undefined ? data : skewFeatures(data, checkedSkew(partitioner.use, features));
}

function haveEqualElements(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** A partitioner's skew, whose faults name it, client and example. Throws FEDX_PLUGIN_FAILED. */
function checkedSkew(plugin: string, skew: FeatureSkew): FeatureSkew {
  return (change) => {
    callPlugin(plugin, 'to skew features', () => {
      skew(change);
    });
    const bad = change.values.find((value) => !Number.isFinite(value));
    if (bad === undefined) return;
    const { client, example } = change;
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `The partitioner ${plugin} made ${bad} of an input of example ${example}.`,
      {
        place: { plugin, client },
      },
    );
  };
}

function assertAllTrain(clients: readonly ClientExamples[]): void {
  const client = clients.findIndex(({ train }) => train.length === 0);
  if (client === -1) return;
  const { test, validation } = clients[client] ?? { test: [], validation: [] };
  const heldOut = test.length + validation.length;
  throw new FedxError(
    'FEDX_PARTITION_IMPOSSIBLE',
    `Client ${client} of ${clients.length} has no training example${heldOut > 0 ? `: all it has, ${heldOut}, are held out` : ''}.`,
    {
      place: { client },
      ...(heldOut > 0 && { hint: 'Lower holdout.test or holdout.validation, or use fewer clients.' }),
    },
  );
}
