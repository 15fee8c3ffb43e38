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

export interface ExpectationResult {
  readonly metric: string;
  readonly arm: string;
  /** Absent where the arm has no such metric: then the expectation is missed. */
  readonly value?: number;
  readonly within: readonly [number, number];
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
  /** The server's run of each arm, by arm. */
  readonly runs?: Readonly<Record<string, string>>;
  /** What stood in the way, where it is not complete. */
  readonly problem?: string;
}

export interface RunReport {
  readonly runs: readonly ArmSummary[];
  readonly expectations: readonly ExpectationResult[];
  /** Absent where there is no server. */
  readonly tracking?: TrackingSummary | undefined;
}
