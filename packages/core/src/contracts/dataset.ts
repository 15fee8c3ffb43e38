import type { Random } from '../random/index.js';
import type { PluginContext } from './context.js';
import type { OptionsOf, OptionsSchema } from './options.js';

/** A labelled dataset in memory. Inputs stay as they are; the compiled programs convert a batch at a time. */
export interface Dataset {
  /** Number of examples. */
  readonly examples: number;
  /** Shape of one example, e.g. `[28, 28, 1]`. */
  readonly inputShape: readonly number[];
  /** Row-major `[examples, ...inputShape]`: bytes where they hold it all, as of images, else finite float32. */
  readonly inputs: Uint8Array | Float32Array;
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
  /** Whom each example comes from, for partitioners that follow it: the writer of a digit, the user of a phone. */
  readonly groups?: Groups;
  /** SHA-256 of the content, hex: two datasets with one digest are the same data. */
  readonly digest: string;
}

/** The natural clients of a dataset. */
export interface Groups {
  /** Group of each example, `[examples]`, in `[0, names.length)`. */
  readonly of: Uint32Array;
  /** What each group is called. */
  readonly names: readonly string[];
}

/** A dataset plugin. */
export interface DatasetPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'dataset';
  readonly name: string;
  readonly options: Schema;
  /** Always brings a test set of its own; without it only where an option `split` is `standard`. */
  readonly holdsOut?: boolean;
  /**
   * Reads the data, or downloads it into `context.cache`, from which it comes the next time. Paths are relative to
   * `context.directory`. Rejects once `context.signal` is aborted.
   */
  load(options: OptionsOf<Schema>, context: DatasetContext): Promise<Dataset>;
}

export interface DatasetContext extends Omit<PluginContext, 'random' | 'log'> {
  /**
   * For data that is made and not read. The same in every run, whatever its seed: a dataset is what its options say, so
   * take a seed as an option and draw from `random.at(seed)`.
   */
  readonly random: Random;
  /** A line for the user, such as the start of a download: loading comes before the journal. */
  readonly log: (message: string) => void;
  /** The folder of the spec: relative paths in options start here. */
  readonly directory: string;
}
