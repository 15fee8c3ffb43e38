import type { HyperOf, OptionsOf, OptionsSchema } from './options.js';
import type { Scalar, Tensor, Tf } from './tensors.js';

/** A client's optimizer: a pure tfjs rule, applied to each parameter at each local step. */
export interface Optimizer<Hyper = Readonly<Record<string, Scalar>>> {
  /** Names of the tensors kept beside each parameter (e.g. `velocity`); they start at zero. */
  readonly slots?: readonly string[];
  update(step: OptimizerStep<Hyper>): { readonly parameter: Tensor; readonly slots?: Readonly<Record<string, Tensor>> };
}

export interface OptimizerStep<Hyper = Readonly<Record<string, Scalar>>> {
  readonly tf: Tf;
  readonly parameter: Tensor;
  /** Gradient of the batch loss, same shape as `parameter`. */
  readonly gradient: Tensor;
  /** The slots of this parameter by name, each of the parameter's shape. */
  readonly slots: Readonly<Record<string, Tensor>>;
  /** Number of the local step within the round, from 0: slots start anew each round. */
  readonly step: Scalar;
  /**
   * The numeric options as inputs of the compiled program: changing one never recompiles. `learningRate` comes times the
   * factor of `client.schedule`.
   */
  readonly hyper: Hyper;
}

/** An optimizer plugin. */
export interface OptimizerPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'optimizer';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>): Optimizer<HyperOf<Schema>>;
}
