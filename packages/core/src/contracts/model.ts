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
  /** The initial parameters. The order of the keys is the order in which they are stored and exported. */
  init(random: Random): Parameters;
  /** Logits `[batch, classes]` of `inputs` `[batch, ...inputShape]`. Traced once, then compiled. */
  apply(call: ModelCall): { readonly logits: Tensor };
}

export interface ModelCall {
  readonly tf: Tf;
  readonly parameters: TensorMap;
  /** `[batch, ...inputShape]`, float32. */
  readonly inputs: Tensor;
  readonly mode: 'train' | 'evaluate';
}

/** A model plugin. */
export interface ModelPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'model';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>, shape: ModelShape): Model;
}
