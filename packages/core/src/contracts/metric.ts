import type { OptionsOf, OptionsSchema } from './options.js';
import type { Tensor, TensorMap, Tf } from './tensors.js';

/** A batch of examples as a model sees it. */
export interface MeasureCall {
  readonly tf: Tf;
  /** What the model says, `[batch, classes]`, float32. */
  readonly logits: Tensor;
  /** The true class of each example, `[batch]`, int32, in `[0, classes)`. */
  readonly labels: Tensor;
  readonly classes: number;
}

/** What was measured of some examples, in the order of the dataset: all of a set, or one client's part of it. */
export interface FinishCall<Name extends string = string> {
  /** At least one. */
  readonly examples: number;
  readonly classes: number;
  /** What was measured under `name`, summed over all examples and entries in float64. */
  total(name: Name): number;
  /** The same for each entry of an example: `[classes]` where `measure` gave `[batch, classes]`. */
  sums(name: Name): readonly number[];
  /** All that was measured under `name`, row-major `[examples, …]`. */
  values(name: Name): Float32Array;
}

/** A metric of a classifier: what is measured of each example, and what a number for many of them is made of. */
export interface Metric<Measured extends TensorMap = TensorMap> {
  /**
   * Traced once, then compiled into the evaluation: tensors `[batch]` or `[batch, …]` by name. What it says of an example
   * depends on that example only, so that it does not matter which batch an example is in.
   */
  measure(call: MeasureCall): Measured;
  /**
   * The metric, finite, or several by name, which become `<metric>/<name>`; undefined where these examples have none, such
   * as a recall where no example is of the class.
   */
  finish(call: FinishCall<keyof Measured & string>): number | Readonly<Record<string, number>> | undefined;
}

/** A metric plugin: what an evaluation says of a model beside accuracy and loss. */
export interface MetricPlugin<Schema extends OptionsSchema = OptionsSchema, Measured extends TensorMap = TensorMap> {
  readonly kind: 'metric';
  /** Part of the metric's keys: `test/<name>`. */
  readonly name: string;
  readonly options: Schema;
  /** Which value is the better one; default: the higher. */
  readonly better?: 'higher' | 'lower';
  create(options: OptionsOf<Schema>): Metric<Measured>;
}
