import type { PluginContext } from './context.js';
import type { OptionsOf, OptionsSchema } from './options.js';

/** A labelled dataset in memory. Inputs stay uint8; the compiled programs convert a batch at a time. */
export interface Dataset {
  /** Number of examples. */
  readonly examples: number;
  /** Shape of one example, e.g. `[28, 28, 1]`. */
  readonly inputShape: readonly number[];
  /** Row-major `[examples, ...inputShape]`. */
  readonly inputs: Uint8Array;
  /** What a model sees is `inputs * scale`, e.g. 1/255 for images in `[0, 1]`. */
  readonly scale: number;
  /** Class of each example, `[examples]`, in `[0, classes)`. */
  readonly labels: Uint8Array;
  readonly classes: number;
  /**
   * Row of the first example of the dataset's own test set, which then runs to the end.
   * Absent where the dataset leaves the holdout to the experiment.
   */
  readonly testFrom?: number;
  /** SHA-256 of the content, hex: two datasets with one digest are the same data. */
  readonly digest: string;
}

/** A dataset plugin. */
export interface DatasetPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'dataset';
  readonly name: string;
  readonly options: Schema;
  /**
   * Reads the data, or downloads it into `context.cache`, from which it comes the next time. Paths are relative to
   * `context.directory`. Rejects once `context.signal` is aborted.
   */
  load(options: OptionsOf<Schema>, context: DatasetContext): Promise<Dataset>;
}

export interface DatasetContext extends Omit<PluginContext, 'random' | 'log'> {
  /** The folder of the spec: relative paths in options start here. */
  readonly directory: string;
}
