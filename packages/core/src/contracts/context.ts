import type { Random } from '../random/index.js';

/** What every plugin may use beside its options. Plugins never see the container. */
export interface PluginContext {
  /** The stream that belongs to this plugin in this run. */
  readonly random: Random;
  /** A line for the run's journal, shown to the user as a warning. */
  readonly log: (message: string) => void;
  /** Aborted when the user interrupts the run. */
  readonly signal: AbortSignal;
  /** A folder that is shared by runs, for downloads and prepared data; created on first use. */
  readonly cache: string;
}
