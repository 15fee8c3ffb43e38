import type { Model, ModelShape, Parameters } from '../contracts/index.js';
import { translateCompileError } from '../errors/index.js';

/** A file of an exported model, relative to its folder. */
export interface ModelFile {
  readonly name: string;
  readonly content: Uint8Array | string;
}

const WEIGHTS = 'weights.bin';

/** A tfjs graph model, for `tf.loadGraphModel`: input `inputs` float32 `[batch, ...inputShape]`, output `logits`. */
export async function toTfjsModel(model: Model, shape: ModelShape, parameters: Parameters): Promise<ModelFile[]> {
  const [{ forwardToTfjs }, { traceModel }] = await Promise.all([
    import('@fedx/compiler'),
    import('../programs/index.js'),
  ]);
  const forward = await traceModel(model, shape, parameters);
  const { model: json, weights } = translateCompileError(() =>
    forwardToTfjs(forward, shape.inputShape, parameters, WEIGHTS),
  );
  return [
    { name: WEIGHTS, content: weights },
    { name: 'model.json', content: JSON.stringify(json) },
  ];
}

/** A TensorFlow SavedModel without variables: signature `serving_default`, input `inputs`, output `logits`. */
export async function toSavedModel(model: Model, shape: ModelShape, parameters: Parameters): Promise<ModelFile[]> {
  const [{ forwardToSavedModel }, { traceModel }] = await Promise.all([
    import('@fedx/compiler'),
    import('../programs/index.js'),
  ]);
  const forward = await traceModel(model, shape, parameters);
  const content = translateCompileError(() => forwardToSavedModel(forward, shape.inputShape, parameters));
  return [{ name: 'saved_model.pb', content }];
}
