import type { ErrorPlace } from '../errors/index.js';

/** Metric values by key (docs/architecture.md lists the keys). */
export type Metrics = Readonly<Record<string, number>>;

/** What an arm is: the federated run, or one of its controls. */
export type ArmUse = 'federated' | 'iid' | 'centralized' | 'local-only';

/** Where an arm goes on: after `step`, which its checkpoint holds; 0 is from the beginning, `steps` is that it is done. */
export interface ResumedArm {
  readonly arm: string;
  readonly use: ArmUse;
  readonly step: number;
  readonly steps: number;
}

/** Everything that happens in a run, as the journal keeps it and sinks read it. `step` = round, or epoch for centralized. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly name: string;
      readonly engine: string;
      readonly workers: number;
      readonly arms: readonly string[];
      readonly seed?: number;
      /** The `fedx run` that this run belongs to. It and the next two are absent in journals of early versions. */
      readonly invocation?: string;
      /** What arguments and the sweep changed in the spec, by path. */
      readonly overrides?: Readonly<Record<string, unknown>>;
      /** Those of the spec's metrics that are the better the lower they are, by name; absent where there are none. */
      readonly lowerIsBetter?: readonly string[];
    }
  | {
      readonly type: 'arm-started';
      readonly arm: string;
      readonly use: ArmUse;
      readonly steps: number;
      /** The run of the same invocation that trained this control, which is the same here to the bit; absent where it is trained. */
      readonly repeats?: string;
    }
  | { readonly type: 'step-completed'; readonly arm: string; readonly step: number; readonly metrics: Metrics }
  | {
      readonly type: 'arm-completed';
      readonly arm: string;
      readonly steps: number;
      readonly seconds: number;
      readonly model?: string /** Rows: true class; columns: predicted. */;
      readonly confusion?: readonly (readonly number[])[];
    }
  /** A client failed and is left out of the round `step`. */
  | {
      readonly type: 'client-failed';
      readonly arm: string;
      readonly step: number;
      readonly client: number;
      readonly code: string;
      readonly message: string;
      /** Absent in journals of early versions. */
      readonly place?: ErrorPlace;
    }
  | { readonly type: 'warning'; readonly arm?: string; readonly message: string }
  /** The run goes on in another process; what was recorded before stands. */
  | { readonly type: 'run-resumed'; readonly run: string; readonly arms: readonly ResumedArm[] }
  | { readonly type: 'run-completed'; readonly seconds: number }
  | { readonly type: 'run-failed'; readonly code: string; readonly message: string; readonly place: ErrorPlace }
  /** `code` and `message` say by what; absent in journals of early versions. */
  | { readonly type: 'run-interrupted'; readonly code?: string; readonly message?: string };

/** One line of the journal. */
export type JournalEntry = RunEvent & {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** From 1 within the arm, without gaps; absent on events of the whole run. */
  readonly armSequence?: number;
  /** Milliseconds since the epoch; never before that of the entry before, even where the clock was set back. */
  readonly time: number;
};
