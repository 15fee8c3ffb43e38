import type { Plugin } from './contracts/index.js';
import type { PartitionTable } from './data/index.js';
import type { Estimate } from './experiment/estimate/estimate.js';
import type { Standing } from './experiment/invocation/earlier.js';
import type { PointEvent } from './experiment/invocation/run-points.js';
import type { ExportedModel, ExportModelRequest } from './export-model.js';
import type { PluginListing } from './list-plugins.js';
import type { LoadedPlugin } from './plugins/index.js';
import type { SpecRequest } from './resolve-request.js';
import type { Clock, FileSystem, JournalEntry, RunReport } from './runs/index.js';
import type { ExperimentSpec, ExplainedValue, JsonSchema, SpecPoint } from './spec/index.js';
import type { MissingSummary, SyncSummary } from './tracking/index.js';

/** What `fedx plan` shows: the resolved spec and how the data would be split; nothing is trained. Of a sweep, its first point. */
export interface ExperimentPlan {
  readonly spec: ExperimentSpec;
  /** What each point of the sweep sets; one that sets nothing where there is no sweep. */
  readonly points: readonly Pick<SpecPoint, 'overrides'>[];
  readonly engine: string;
  readonly examples: number;
  /** Examples of the global test and validation sets, which clients have shares of. */
  readonly heldOut: { readonly test: number; readonly validation: number };
  readonly parameters: number;
  readonly arms: readonly { readonly arm: string; readonly steps: number; readonly localSteps: number }[];
  readonly partition: PartitionTable;
  /** The clients that `environment.attackers` makes malicious, ascending. */
  readonly attackers: readonly number[];
  /** What the user should know of the spec before it runs, such as more attackers than the strategy bears. */
  readonly warnings: readonly string[];
  /** What the run would take; absent where it was not asked for. */
  readonly estimate?: Estimate;
}

export interface PlanOptions {
  /** Whether to measure a few steps and say what the run would take. */
  readonly estimate: boolean;
}

/** What `fedx plan --explain` shows. */
export interface SpecExplanation {
  readonly spec: ExperimentSpec;
  /** Every value of the resolved spec and where it comes from. */
  readonly values: readonly ExplainedValue[];
}

export interface Host {
  /**
   * JSON Schema (draft-07) of whole specs for editors, with the options of every plugin: those that ship with the host, and
   * with `file` those that the spec there names, which is executed as for `validate`. What else is wrong with it is no error.
   */
  schema(file?: string): Promise<JsonSchema>;
  /** The plugins of this host, and with `file` those that the spec there names, which is executed as for `validate`. */
  plugins(file?: string): Promise<readonly PluginListing[]>;
  /** The resolved spec of each point of its sweep. Throws FEDX_SPEC_… with all diagnostics. Executes the plugins that the spec names. */
  validate(request: SpecRequest): Promise<readonly SpecPoint[]>;
  /** The resolved spec, value by value; of a sweep, its first point. Throws as `validate` does. */
  explain(request: SpecRequest): Promise<SpecExplanation>;
  /** How much of a request is done already, and would be passed over by a run with `goOn`. Throws as `validate` does. */
  standing(request: SpecRequest): Promise<Standing>;
  /** How the data would be split and what would be trained. An estimate writes programs to the cache, as a run does. */
  plan(request: SpecRequest, options: PlanOptions): Promise<ExperimentPlan>;
  /**
   * Runs all arms of all points, one point after another. Rejects with a FedxError where the user interrupts and where
   * the only point fails; the journals stay whole.
   */
  run(request: SpecRequest, options: RunOptions): Promise<RunReport>;
  /**
   * Goes on with a run from its last checkpoint, or with all that is missing of an invocation: `name` is an id, the
   * beginning of one, or `latest`. Throws FEDX_RUN_NOT_FOUND, FEDX_RUN_BUSY, FEDX_RESUME_CHANGED, FEDX_RESUME_DIFFERS, and
   * what {@link run} throws.
   */
  resume(name: string, options: ResumeOptions): Promise<RunReport>;
  /** Writes the final model of an arm. Throws FEDX_RUN_NOT_FOUND, FEDX_EXPORT_FAILED, and what making the model throws. */
  export(request: ExportModelRequest): Promise<ExportedModel>;
  /** Fills a run, by id or folder, into an MLflow server, exactly once. Throws FEDX_TRACKING_… */
  sync(run: string, options: SyncOptions): Promise<SyncSummary>;
  /** Sends all runs that an MLflow server lacks to it. Throws FEDX_TRACKING_FAILED where the server cannot be asked. */
  syncMissing(server: string, options: SyncMissingOptions): Promise<MissingSummary>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Sees each journal entry once it is on disk. */
  readonly onEvent: (entry: JournalEntry) => void;
  /** Sees each point of a sweep before the entries of its run. */
  readonly onPoint?: (event: PointEvent) => void;
  /** Goes on with the latest invocation that set out to do the same, if there is one, instead of running all anew. */
  readonly goOn?: boolean;
}

export interface ResumeOptions extends Omit<RunOptions, 'goOn'> {
  /** Goes on although plugins, versions or data are not what the run began with. */
  readonly force?: boolean;
}

export interface SyncOptions {
  /** Address of the server; default: as the run's spec says. */
  readonly server?: string | undefined;
  readonly signal: AbortSignal;
}

export interface SyncMissingOptions {
  readonly signal: AbortSignal;
  /** Sees the id of each run before it is sent. */
  readonly onRun: (run: string) => void;
}

export interface HostOptions {
  /** The plugins that ship with the host, with where they came from or without; a spec's own come on top. */
  readonly plugins: readonly (Plugin | LoadedPlugin)[];
  /** Runs go to `<directory>/.fedx/runs`; default: the working directory. */
  readonly directory?: string;
  /** Shared downloads and prepared data; default: $FEDX_CACHE, else `<directory>/.fedx/cache`. */
  readonly cache?: string;
  /** Sees a line for the user that comes before a run has a journal, such as the start of a download. */
  readonly onNotice?: (message: string) => void;
  /** Swapped in fault tests. */
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  /** Where MLflow's variables are read; default: the process's. */
  readonly env?: NodeJS.ProcessEnv;
}
