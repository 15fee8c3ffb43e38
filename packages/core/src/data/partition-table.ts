import { createHash } from 'node:crypto';
import type { FederatedData, PartitionTable } from './federated-data.js';
import { heterogeneity } from './heterogeneity.js';
import { countLabels, labelsOf } from './labels.js';
import { joinRows } from './rows.js';

/** Some rows of a dataset, named by what they are: the same rows of the same dataset have the same digest. */
export interface RowsDigest {
  readonly examples: number;
  /** SHA-256, hex, of the ascending rows as little-endian uint32. */
  readonly sha256: string;
  /** Those bytes, base64: enough to have the split again. */
  readonly rows: string;
}

/**
 * What `partition.json` holds: enough to see that two runs had the same images in the same places, and to put them
 * there again (the partitioner from-file).
 */
export interface PartitionManifest extends PartitionTable {
  /** Digest of the dataset. */
  readonly dataset: string;
  readonly testSet: RowsDigest;
  readonly validationSet: RowsDigest;
  readonly clients: readonly ClientManifest[];
}

export interface ClientManifest {
  /** The label that most of the client's images have, the lowest of several. */
  readonly dominantLabel: number;
  /** The share of the client's own images, holdouts included, that have it. */
  readonly dominantShare: number;
  readonly train: RowsDigest;
  readonly validation: RowsDigest;
  readonly test: RowsDigest;
}

/** Counts and heterogeneity of a split, as the command line shows them. */
export function partitionTable({ dataset, clients }: FederatedData): PartitionTable {
  const labels = clients.map(({ train, validation, test }) =>
    countLabels(labelsOf(dataset.labels, joinRows([train, validation, test])), dataset.classes),
  );
  return {
    labels,
    train: clients.map(({ train }) => train.length),
    test: clients.map(({ test }) => test.length),
    validation: clients.map(({ validation }) => validation.length),
    heterogeneity: heterogeneity(labels),
  };
}

/** The table together with digests of who has which images. */
export function partitionManifest(data: FederatedData): PartitionManifest {
  const table = partitionTable(data);
  return {
    dataset: data.dataset.digest,
    ...table,
    testSet: digest(data.test),
    validationSet: digest(data.validation),
    clients: data.clients.map(({ train, validation, test }, client) => {
      const counts = table.labels[client] ?? [];
      const most = Math.max(...counts);
      return {
        dominantLabel: counts.indexOf(most),
        dominantShare: most / (train.length + validation.length + test.length),
        train: digest(train),
        validation: digest(validation),
        test: digest(test),
      };
    }),
  };
}

function digest(rows: Uint32Array): RowsDigest {
  const bytes = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength);
  return {
    examples: rows.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    rows: bytes.toString('base64'),
  };
}
