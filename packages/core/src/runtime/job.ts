import type { Parameters } from '../contracts/index.js';

/** A compiled loop, as the engine that made it knows it. */
export interface Program {
  readonly id: string;
  readonly batchSize: number;
  /** Windows of noise that a step takes. */
  readonly draws: number;
  /** Whether a job is one native call, as it would have other bits where it were cut. Default: false. */
  readonly isWhole?: boolean;
  /** Whether its jobs may have several schedules, each from the carried values on, and give the sum of what came to these. Default: false. */
  readonly isSummed?: boolean;
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

/** One run of a program: a client's local training, an epoch of centralized training, a share of an evaluation; or several clients' training. */
export interface Job {
  readonly program: Program;
  readonly carried: Parameters;
  readonly constants: Parameters;
  /** Scalars that have a value for each step, by name. */
  readonly perStep?: Readonly<Record<string, Float32Array>>;
  /** One; for a program that sums, as many as `shares`. */
  readonly schedules: readonly Schedule[];
  /** What each schedule counts in the sum. */
  readonly shares?: readonly number[];
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
  /** Memory to write them to, by name. Default: new memory. */
  readonly into?: Readonly<Record<string, Float32Array>>;
}

/** What came of a job. */
export interface Outcome {
  /** In memory that nothing else looks at; of a program that sums the sum of what came to the values. */
  readonly carried: Parameters;
  /** Gives the memory of `carried` to jobs to come: nothing may look at it any more. Absent where it is not used again. */
  readonly release?: () => void;
  /** The step's stacked results, `[examples, …]` of the examples seen, in schedule order. */
  readonly stacked: Readonly<Record<string, Float32Array | Int32Array>>;
  /** By schedule. */
  readonly ends: readonly ScheduleEnd[];
}

/** What came of a schedule. */
export interface ScheduleEnd {
  readonly steps: number;
  /** Examples seen, each time counted. */
  readonly examples: number;
  /** Euclidean norm of what it gave of the carried values, not finite where one of these is not. */
  readonly norm: number;
}

/** A compiled program, open in a worker; by what it takes and gives, where messages have that in another form. */
export interface OpenProgram<Sent = Omit<Job, 'priority'>, Given = Outcome> {
  /** Undefined where `stopped` said so before the end. */
  run(job: Sent, stopped: () => boolean): Promise<Given | undefined>;
}
