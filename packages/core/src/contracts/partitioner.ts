import type { Random } from '../random/index.js';
import type { OptionsOf, OptionsSchema } from './options.js';

/** What a partitioner may look at. */
export interface PartitionRequest {
  /** Class of each example, `[examples]`. */
  readonly labels: Uint8Array;
  readonly classes: number;
  /** The stream that the spec's `partition` seed pins. */
  readonly random: Random;
}

/**
 * How the examples are spread over clients; client k is entry k.
 * `quotas`: how many examples of each label a client gets, `[clients][classes]`; core picks which ones.
 * `examples`: exactly which ones, as indices into the request's labels; no index twice.
 */
export type Partition =
  | { readonly quotas: readonly (readonly number[])[] }
  | { readonly examples: readonly Uint32Array[] };

/** A partitioner plugin. */
export interface PartitionerPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'partitioner';
  readonly name: string;
  readonly options: Schema;
  partition(options: OptionsOf<Schema>, request: PartitionRequest): Partition;
}
