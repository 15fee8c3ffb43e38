import type { Model, ModelShape, Parameters } from '../contracts/index.js';

/** The model with its parameters as an ONNX file: input `inputs` float32 `[batch, ...inputShape]`, output `logits`. */
export async function toOnnxModel(model: Model, shape: ModelShape, parameters: Parameters): Promise<Uint8Array> {
  // Loaded here, since the door of this room is open to those who only read a model.
  const [{ forwardToOnnx }, { traceModel }] = await Promise.all([
    import('@fedx/compiler'),
    import('../programs/index.js'),
  ]);
  return forwardToOnnx(await traceModel(model, shape, parameters), shape.inputShape, parameters);
}
