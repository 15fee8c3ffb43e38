import type { JournalEntry } from '../runs/index.js';
import type { OptionsOf, OptionsSchema } from './options.js';

/** Takes the events of one run to where they are to be. */
export interface Sink {
  /**
   * Takes events that are on disk, at least one, in the order of the journal: `sequence` counts from 1 without gaps, from
   * one call to the next too. It is not called again before it is done, and may take its time: what happens meanwhile comes
   * with the next call. Where it fails, the sink is given no more of this run, so what may pass is tried again in here.
   */
  write(events: readonly JournalEntry[]): void | Promise<void>;
  /** There are no more, or `write` failed: lets go of what was opened. Called once. */
  end?(): void | Promise<void>;
}

export interface SinkContext {
  /** Id of the run. */
  readonly run: string;
  /** The run's own folder, absolute, with `spec.resolved.yaml` and what else stands in it. */
  readonly folder: string;
  /** The folder of the spec: relative paths in options start here. */
  readonly directory: string;
  /** Aborted when the time is up that the end of a run has for its sinks: nothing waits for this sink any more. */
  readonly signal: AbortSignal;
}

/**
 * A sink plugin: where else than in its folder a run is recorded. A sink that fails or is slow neither stops nor slows a
 * run. Each process that works on a run makes a sink of it and gives it the whole journal from the first event on: of a run
 * that was resumed, a sink sees again what was recorded before, under the same `run` and `sequence`.
 */
export interface SinkPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'sink';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>, context: SinkContext): Sink | Promise<Sink>;
}
