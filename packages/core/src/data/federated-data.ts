import type { Dataset } from '../contracts/index.js';

/** The examples of one client, as dataset rows; each row belongs to one client at most. */
export interface ClientExamples {
  /** What it trains on, ascending; never empty. */
  readonly train: Uint32Array;
  /** Its own share of the global validation set, ascending. */
  readonly validation: Uint32Array;
  /** Its own share of the global test set, ascending. */
  readonly test: Uint32Array;
}

/** A dataset, split: test and validation first, then the rest over the clients. */
export interface FederatedData {
  readonly dataset: Dataset;
  /** Ascending dataset rows. */
  readonly test: Uint32Array;
  /** Ascending dataset rows; empty where the spec asks for none. */
  readonly validation: Uint32Array;
  readonly clients: readonly ClientExamples[];
}

/** How far clients' label distributions are from that of all clients together; holdouts included. */
export interface Heterogeneity {
  /** Jensen-Shannon divergence to the global label distribution, base 2, in `[0, 1]`. */
  readonly jensenShannon: { readonly mean: number; readonly max: number };
  /** Earth mover's distance with unit cost between any two labels (= total variation), in `[0, 1]`. */
  readonly earthMovers: { readonly mean: number; readonly max: number };
}

/** What `partition.json` and `fedx plan` show. */
export interface PartitionTable {
  /** Counts of each label by client, holdouts included, `[clients][classes]`. */
  readonly labels: readonly (readonly number[])[];
  /** Examples of each client by use, `[clients]`. */
  readonly train: readonly number[];
  readonly test: readonly number[];
  readonly validation: readonly number[];
  readonly heterogeneity: Heterogeneity;
}
