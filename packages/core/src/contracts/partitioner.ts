import type { Random } from '../random/index.js';
import type { Groups } from './dataset.js';
import type { OptionsOf, OptionsSchema } from './options.js';

/** What a partitioner may look at. */
export interface PartitionRequest {
  /** Class of each example, `[examples]`: of all, or of those before the dataset's own test set. */
  readonly labels: Uint8Array;
  readonly classes: number;
  /** Whom each example comes from, where the dataset says so. */
  readonly groups?: Groups;
  /** The stream that the spec's `partition` seed pins. */
  readonly random: Random;
  /** Digest of the dataset. */
  readonly dataset: string;
  /** The folder of the spec: relative paths in options start here. */
  readonly directory: string;
  /**
   * What another partitioner makes of some examples, by their labels; it sees `groups` where these are the labels of
   * this request, unchanged. `slot` is an option whose schema says
   * `slot: 'partitioner'`: it was checked against that partitioner's own schema together with the spec.
   */
  readonly partition: (
    slot: PartitionerSlot,
    part: { readonly labels: Uint8Array; readonly random: Random },
  ) => Partition;
}

/** A choice of partitioner inside another one's options. */
export interface PartitionerSlot {
  readonly use: string;
  readonly [option: string]: unknown;
}

/**
 * How the examples are spread over clients; client k is entry k.
 * `quotas`: how many examples of each label a client gets, `[clients][classes]`; core picks which ones.
 * `examples`: exactly which ones, as indices into the request's labels; no index twice.
 * `split`: a whole split, holdouts included; of partitioners that say `holdsOut`.
 */
export type Partition = (
  | { readonly quotas: readonly (readonly number[])[] }
  | { readonly examples: readonly Uint32Array[] }
  | { readonly split: ExactSplit }
) & {
  /** Feature skew: how a client sees its examples. */
  readonly features?: FeatureSkew;
};

/** Who has which rows of the dataset, its own test set included. Ascending; no row is in two places. */
export interface ExactSplit {
  readonly test: Uint32Array;
  readonly validation: Uint32Array;
  readonly clients: readonly {
    readonly train: Uint32Array;
    /** Its part of the validation set. */
    readonly validation: Uint32Array;
    /** Its part of the test set. */
    readonly test: Uint32Array;
  }[];
}

/** Changes one example of a client, in place: `values` are what the model sees, of the dataset's `inputShape`. */
export type FeatureSkew = (change: {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  readonly client: number;
  /** Row of the dataset. */
  readonly example: number;
  readonly use: 'train' | 'validation' | 'test';
}) => void;

/** A partitioner plugin. */
export interface PartitionerPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'partitioner';
  readonly name: string;
  readonly options: Schema;
  /** Whether its partitions bring their test and validation sets: a spec with it has no `holdout`. */
  readonly holdsOut?: boolean;
  partition(options: OptionsOf<Schema>, request: PartitionRequest): Partition;
}
