import type { ErrorCode, ErrorPlace } from '../errors/index.js';
import type { ExpectSpec } from '../spec/index.js';
import type { ArmUse } from './events.js';

/** What `--json` prints of one arm of one run (docs/architecture.md, section 7). */
export interface ArmSummary {
  readonly id: string;
  readonly name: string;
  readonly arm: string;
  /** Absent where the arm never started. */
  readonly use?: ArmUse;
  readonly status: 'completed' | 'failed' | 'interrupted';
  readonly seed: number;
  readonly engine: string;
  readonly steps: number;
  readonly durationSeconds: number;
  readonly directory: string;
  /** Path of model.safetensors; absent where the arm keeps no single model (local-only) or did not end. */
  readonly model?: string;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, MetricSummary>>;
}

/** `best` is the highest value, or the lowest for losses. */
export interface MetricSummary {
  readonly last: number;
  readonly best: number;
  readonly bestStep: number;
}

/** An expectation of a spec, and what came of it in one run. */
export interface ExpectationResult extends ExpectSpec {
  /** Id of the run. */
  readonly run: string;
  /** Absent where the arm has no such figure: then the expectation is missed. */
  readonly value?: number;
  /** The arm ended after so many rounds without reaching the target of `at: { roundsTo }`. */
  readonly notReachedIn?: number;
  readonly pass: boolean;
}

/** What a report says of a run's tracking. Holds no credentials. */
export interface TrackingSummary {
  /** The server's address. */
  readonly server: string;
  /** Whether the server has all that the journal has. */
  readonly complete: boolean;
  /** The experiment on the server's screen, once it is there. */
  readonly url?: string;
  /** The server's run of each arm, by arm; absent for a sweep. */
  readonly runs?: Readonly<Record<string, string>>;
  /** What stood in the way, where it is not complete. */
  readonly problem?: string;
}

/** A sink of the spec that was not given all of a run; the run is whole all the same. */
export interface SinkFailure {
  /** Name of the plugin. */
  readonly sink: string;
  /** Id of the run; of several, the first. */
  readonly run: string;
  /** How many runs of the invocation it lacks, wholly or in part. */
  readonly runs: number;
  /** What stood in the way. Names the sink. */
  readonly problem: string;
  /** Where, as far as it is known. */
  readonly place?: ErrorPlace;
}

/** A point of a sweep that failed; the others ran all the same. */
export interface PointFailure {
  /** The run's folder; absent where the point failed before it had one. */
  readonly directory?: string;
  /** What the sweep set. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly place: ErrorPlace;
}

/** How an invocation ended. */
export interface RunReport {
  /** Id of the `fedx run`, which `fedx resume` and `fedx compare` take. */
  readonly invocation: string;
  /** One entry an arm and point. */
  readonly runs: readonly ArmSummary[];
  readonly expectations: readonly ExpectationResult[];
  readonly failures: readonly PointFailure[];
  /** Absent where there is no server. */
  readonly tracking?: TrackingSummary | undefined;
  /** Sinks of the spec that did not take everything; absent where all did. */
  readonly sinkFailures?: readonly SinkFailure[];
}
