import type { Model, ModelShape, Parameters } from '../contracts/index.js';
import { traceModel } from '../programs/index.js';

/** The model with its parameters as an ONNX file: input `inputs` float32 `[batch, ...inputShape]`, output `logits`. */
export async function toOnnxModel(model: Model, shape: ModelShape, parameters: Parameters): Promise<Uint8Array> {
  const { forwardToOnnx } = await import('@fedx/compiler');
  return forwardToOnnx(await traceModel(model, shape, parameters), shape.inputShape, parameters);
}
