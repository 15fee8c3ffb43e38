import type { Parameters } from '../contracts/index.js';

/** A compiled loop, as the engine that made it knows it. */
export interface Program {
  readonly id: string;
  readonly batchSize: number;
  /** Windows of noise that a step takes. */
  readonly draws: number;
  /** Whether a job is one native call, as it would have other bits where it were cut. Default: false. */
  readonly isWhole?: boolean;
}

/** Which rows a job goes over, and in which order. Small enough to send; workers make the batches from it. */
export interface Schedule {
  /** Dataset rows. */
  readonly rows: Uint32Array;
  readonly epochs: number;
  /** What becomes of rows that do not fill a last batch. */
  readonly lastBatch: 'keep' | 'drop';
  /** Stop after so many steps; absent: go through all epochs. */
  readonly steps?: number;
  /** Key of the stream that shuffles each epoch and draws each step's noise; absent: the order of `rows`, and no noise. */
  readonly shuffleKey?: string;
}

/** One run of a program: a client's local training, an epoch of centralized training, a share of an evaluation. */
export interface Job {
  readonly program: Program;
  readonly carried: Parameters;
  readonly constants: Parameters;
  /** Scalars that have a value for each step, by name. */
  readonly perStep?: Readonly<Record<string, Float32Array>>;
  readonly schedule: Schedule;
  /** The carried values that the outcome gives, as they are at the end or as what came to them. Default: all, as they are. */
  readonly result?: JobResult;
  /** Jobs with a higher priority go first; the order never changes results. */
  readonly priority: number;
  /** Seconds that a worker may take; then FEDX_CLIENT_TIMEOUT. Engines without workers know no limit. */
  readonly timeout?: number | undefined;
}

/** What a job gives of the values that it carried to its end. */
export interface JobResult {
  readonly names: readonly string[];
  readonly asDifferences: boolean;
  /** Whether the outcome may be in memory that is used again once it is released. Default: false. */
  readonly isReleased?: boolean;
  /** Memory that both sides see to write them to, by name. Default: new memory. */
  readonly into?: Readonly<Record<string, Float32Array>>;
}

/** What came of a job. */
export interface Outcome {
  /** In memory that nothing else looks at. */
  readonly carried: Parameters;
  /** Gives the memory of `carried` to jobs to come: nothing may look at it any more. Absent where it is not used again. */
  readonly release?: () => void;
  /** Euclidean norm of `carried`, not finite where one of its values is not. */
  readonly norm: number;
  /** The step's stacked results, `[examples, …]` of the examples seen, in schedule order. */
  readonly stacked: Readonly<Record<string, Float32Array | Int32Array>>;
  readonly steps: number;
}

/** A compiled program, open in a worker. */
export interface OpenProgram {
  /** Undefined where `stopped` said so before the end. */
  run(job: Omit<Job, 'priority'>, stopped: () => boolean): Promise<Outcome | undefined>;
}
