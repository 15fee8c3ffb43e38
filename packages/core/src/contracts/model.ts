import type { Random } from '../random/index.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import type { Parameters, Tensor, TensorMap, Tf } from './tensors.js';

/** What a model is built for. */
export interface ModelShape {
  /** Shape of one example, e.g. `[28, 28, 1]`. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

/** A model: initial parameters, and a pure tfjs function from inputs to logits. */
export interface Model {
  /**
   * Names of the parameters that are statistics, such as a batch normalisation's moving mean: no gradient, no optimizer;
   * `apply` says in training what becomes of them. They are averaged like all others.
   */
  readonly statistics?: readonly string[];
  /** The initial parameters. The order of the keys is the order in which they are stored and exported. */
  init(random: Random): Parameters;
  /** Traced once, then compiled. */
  apply(call: ModelCall): ModelOutput;
}

export interface ModelOutput {
  /** `[batch, classes]`. */
  readonly logits: Tensor;
  /**
   * What the last layer sees, `[batch, features]`; strategies such as MOON compare it. Not given where nothing is learnt before
   * that layer.
   */
  readonly features?: Tensor;
  /** Next values of {@link Model.statistics}, by name; one that is not given stays as it is. */
  readonly statistics?: TensorMap;
  /** A scalar that is added to the batch's mean loss in training, such as an L2 penalty. */
  readonly penalty?: Tensor;
}

export interface ModelCall {
  readonly tf: Tf;
  readonly parameters: TensorMap;
  /** `[batch, ...inputShape]`, float32. */
  readonly inputs: Tensor;
  readonly mode: 'train' | 'evaluate';
  readonly random: ModelRandom;
  /**
   * All states `[length, batch, units]` of a recurrence h_t = step(h_{t-1}, inputs_t, weights), differentiable; neither
   * compile time nor program grow with the length.
   */
  readonly recurrence: (call: RecurrenceCall) => Tensor;
}

export interface RecurrenceCall {
  /** The next state `[batch, units]`; treats rows alike, for any number of rows, and reads weights from its arguments only. */
  readonly step: (state: Tensor, input: Tensor, weights: TensorMap) => Tensor;
  /** `[batch, units]`. */
  readonly initial: Tensor;
  /** `[length, batch, features]`. */
  readonly inputs: Tensor;
  readonly weights: TensorMap;
}

/**
 * Random tensors in training: keyed by run, round, client and step, hence the same bits on every engine and worker.
 * `tf.dropout`, `tf.randomUniform` and `tf.randomNormal` of a call's `tf` draw from it as well, whatever seed they are given.
 */
export interface ModelRandom {
  /** Uniform in `[0, 1)`. Throws FEDX_COMPILE_FAILED in evaluation, where nothing is drawn. */
  uniform(shape: readonly number[]): Tensor;
  /**
   * Inverted dropout (Srivastava et al. 2014): each value becomes zero with probability `rate`, in `[0, 1)`, and
   * `value / (1 - rate)` otherwise. In evaluation it is `x` itself.
   */
  dropout(x: Tensor, rate: number): Tensor;
}

/** A model plugin. */
export interface ModelPlugin<
  Schema extends OptionsSchema = OptionsSchema,
  Made extends Model | Promise<Model> = Model | Promise<Model>,
> {
  readonly kind: 'model';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>, shape: ModelShape, context: ModelContext): Made;
}

export interface ModelContext {
  /** The folder of the spec: relative paths in options start here. */
  readonly directory: string;
}
