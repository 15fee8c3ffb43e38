/** A choice of plugin with its options beside `use`, defaults filled in. */
export interface Slot {
  readonly use: string;
  readonly [option: string]: unknown;
}

/** Streams that a spec can pin one by one; the others derive from `seed`. */
export type StreamName = 'data' | 'partition' | 'init' | 'cohort' | 'batches' | 'environment' | 'noise';

/** How a client trains. */
export interface ClientSpec {
  /** Local epochs a round; absent where there are {@link steps}. */
  readonly epochs?: number;
  /** Local steps a round, instead of epochs. */
  readonly steps?: number;
  /** Examples a step; `all` is full batch. */
  readonly batchSize: number | 'all';
  /** What becomes of the examples that do not fill a last batch: one short step, or left out for this epoch. */
  readonly lastBatch: 'keep' | 'drop';
  readonly optimizer: Slot;
  /** Scales the optimizer's learning rate over rounds or local steps. */
  readonly schedule: Slot;
  /** Bounds on each step's gradient, strategy's rule included: its Euclidean norm over all parameters, each of its values. */
  readonly clip: { readonly norm?: number; readonly value?: number };
  /** Optimizer slots start at zero each round. */
  readonly optimizerState: 'reset';
  /** What becomes of a client that fails in a round: the run fails, the client is left out, or it is tried again first. */
  readonly onFailure: 'fail' | 'exclude' | 'retry';
  /** Seconds that each piece of a client's round may take. */
  readonly timeout?: number;
  /** Euclidean norm of an update past which the client has failed. */
  readonly maxUpdateNorm?: number;
}

/** What befalls clients, drawn alike for every strategy. */
export interface EnvironmentSpec {
  readonly stragglers?: {
    /** Share of each cohort. */
    readonly share: number;
    /** Epochs drawn from 1 to `client.epochs` (steps to `client.steps`), or the share of its local steps that a straggler takes. */
    readonly work: 'uniform-epochs' | number;
    /** Whether they send what they came to do. */
    readonly policy: 'partial' | 'drop';
  };
  readonly dropouts?: { readonly probability: number };
  readonly attackers?: { readonly share?: number; readonly clients?: readonly number[]; readonly attack: Slot };
}

/** A control arm: the same images, another way to train. An overlay may change how clients train. */
export type ControlSpec =
  | { readonly use: 'iid'; readonly name: string; readonly client: ClientSpec }
  | {
      readonly use: 'centralized';
      readonly name: string;
      readonly client: ClientSpec;
      /** Epochs over the union; absent: matched to the federation by `match`. */
      readonly epochs?: number;
      /** `examples`: as many examples as the federation sees; `steps`: as many sequential steps as one client takes. */
      readonly match: 'examples' | 'steps';
    }
  | { readonly use: 'local-only'; readonly name: string; readonly client: ClientSpec };

/**
 * Which figure of a metric is meant: its last or best value, that of a step, the mean of its last values, or the number of
 * rounds until its best value so far reaches one.
 */
export type FigureAt = 'last' | 'best' | number | { readonly meanOfLast: number } | { readonly roundsTo: number };

/** An expected result, checked when the run ends. */
export interface ExpectSpec {
  readonly arm: string;
  readonly metric: string;
  readonly at: FigureAt;
  /** Inclusive. */
  readonly within: readonly [number, number];
  /** What others report, and where. Shown beside ours. */
  readonly published?: number;
  readonly source?: string;
}

/** When a federation ends before its last round: where a metric reaches `at`, or stays as it is for `patience` evaluations. */
export interface StopSpec {
  readonly metric: string;
  readonly at?: number;
  readonly patience?: number;
}

/** When the arms save what decides their future. */
export interface CheckpointSpec {
  /** Steps from one checkpoint to the next; `auto`: as often as costs less than 2 % of the time. */
  readonly every: number | 'auto';
  /** The last so many stay. */
  readonly keep: number;
}

/** The resolved spec: validated, defaults filled in, frozen. What a run does is a function of it and of the data. */
export interface ExperimentSpec {
  readonly apiVersion: 'fedx/v1';
  readonly name: string;
  readonly seed: number;
  readonly seeds: Readonly<Partial<Record<StreamName, number>>>;
  readonly plugins: readonly string[];
  readonly dataset: Slot;
  readonly partition: Slot;
  /** Shares of each label. `test` is absent where the dataset brings its own test set. */
  readonly holdout: { readonly test?: number; readonly validation: number };
  readonly model: Slot;
  readonly client: ClientSpec;
  readonly strategy: Slot;
  /** In order, on all that a client sends. */
  readonly transforms: readonly Slot[];
  readonly environment: EnvironmentSpec;
  readonly server: {
    readonly rounds: number;
    /** What an update weighs in the mean; absent: as the strategy says. */
    readonly weights?: 'examples' | 'uniform';
    readonly cohort: Slot;
    /** Clients that a round must have left. */
    readonly minimumCohort: number;
    /** How long a process works on the run before it is interrupted. */
    readonly maxSeconds?: number;
    readonly stop?: StopSpec;
  };
  readonly controls: readonly ControlSpec[];
  readonly evaluate: {
    readonly every: number;
    /** Beside accuracy and loss; no two of one name. */
    readonly metrics: readonly Slot[];
  };
  readonly checkpoint: CheckpointSpec;
  readonly engine: { readonly use: 'auto' | 'onnx' | 'tensorflow' | 'eager' };
  readonly executor: { readonly use: 'worker-pool'; readonly workers: number | 'auto' };
  readonly tracking: {
    /** `auto`, `off` or the address of a server. */
    readonly mlflow: string;
    readonly sinks: readonly Slot[];
  };
  readonly expect: readonly ExpectSpec[];
}
